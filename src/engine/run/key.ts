/** Keys of tasks: where a run stands among the tasks of its key, and who may use keys. */
import type { Key } from '../../protocol/job-layout.js';
import type { ActorLane } from '../../scheduling/lanes/actor-lane.js';
import type { Lane } from '../../scheduling/lanes/lane.js';
import type { Engine } from '../engine.js';
import type { TaskInfo } from '../handles/task-info.js';
import type { TaskOptions } from '../handles/task-options.js';
import type { TaskRun } from './task-run.js';

/**
 * Assigns the last place in the lane of its key, or of its actor, to a run that is being submitted.
 * The run keeps the place until it has settled. Does nothing for a run that has neither. If the
 * actor accepts no calls, the future of the run is rejected.
 */
export function joinLane(run: TaskRun): void {
  const { key } = run.task.options;
  if (key === undefined) return;
  const actorLane = actorLaneOf(run.task.options);
  if (actorLane?.actor.refuse(run)) return;
  const lane = actorLane ?? run.owner.dispatcher.backlog.lanes.of(key);
  run.place = lane.join();
  lane.push(run);
}

/**
 * Returns options for the calls of an actor. The lane of the actor takes the place of the key,
 * because its calls are in order, as the tasks of a key are.
 */
export function ofActor(lane: ActorLane, options: TaskOptions): TaskOptions {
  return { ...options, key: lane as never };
}

/** Returns the lane of the actor that a task is called on. */
export function actorLaneOf(options: TaskOptions): ActorLane | undefined {
  const key = options.key as string | number | ActorLane | undefined;
  return typeof key === 'object' ? key : undefined;
}

/**
 * Returns the options to add to a task. A method of an actor keeps its actor.
 *
 * @throws TypeError if they have a key, and the task is a method of an actor
 */
export function keepActor(task: TaskInfo, options: TaskOptions, where: string): TaskOptions {
  const actor = actorLaneOf(task.options);
  if (actor === undefined || !('key' in options)) return options;
  if (options.key !== undefined) throw noKeyFor(task.name, where);
  const { key: _key, ...others } = options;
  return others;
}

export function noKeyFor(method: string, where: string): TypeError {
  return new TypeError(
    `${where}: "${method}" is a method of an actor, whose calls are in order already. Remove the option "key".`,
  );
}

/**
 * Lets a run share the place of the job tree that it joins. Returns false if the run must not join:
 * it has another key than the tree, or another task of its key was submitted between them.
 */
export function shareTree(run: TaskRun, { place }: TaskRun): boolean {
  const { key } = run.task.options;
  const lane = place?.lane as Lane | undefined;
  if (key !== undefined && (!isOf(lane, key) || lane.last !== place)) return false;
  if (lane !== undefined) run.place = lane.joinTree();
  return true;
}

function isOf(lane: Lane | undefined, key: Key | ActorLane): lane is Lane {
  return lane !== undefined && (lane.actor === undefined ? lane.key === key : lane === key);
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
