/** Keys of tasks: where a run stands among the tasks of its key, and who may use keys. */
import type { Lane } from '../../scheduling/lanes/lane.js';
import type { Engine } from '../engine.js';
import type { TaskOptions } from '../handles/task-options.js';
import type { TaskRun } from './task-run.js';

/**
 * Assigns the last place in the lane of its key to a run that is being submitted. The run keeps the
 * place until it has settled. Does nothing for a run without a key.
 */
export function takePlace(run: TaskRun): void {
  const { key } = run.task.options;
  if (key === undefined) return;
  const lane = run.owner.dispatcher.backlog.lanes.of(key);
  run.place = lane.join();
  lane.push(run);
}

/**
 * Lets a run share the place of the job tree that it joins. Returns false if the run must not join:
 * it has another key than the tree, or another task of its key was submitted between them.
 */
export function shareTree(run: TaskRun, { place }: TaskRun): boolean {
  const { key } = run.task.options;
  const lane = place?.lane as Lane | undefined;
  if (key !== undefined && (lane?.key !== key || lane.last !== place)) return false;
  if (lane !== undefined) run.place = lane.joinTree();
  return true;
}

/**
 * @throws TypeError if the options have a key and the backend can't keep the order of keys
 */
export function refuseKeyOnQueue({ name, traits }: Engine, { key }: TaskOptions, where: string): void {
  if (key !== undefined && !traits.ownsWorkers) throw noKeys(name, where);
}

export function noKeys(executor: string, where: string): TypeError {
  return new TypeError(
    `${where}: executor "${executor}" uses a queue, whose servers don't know the order of a key. Remove the option "key", or use an executor with its own workers.`,
  );
}
