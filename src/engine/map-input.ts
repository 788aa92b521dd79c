/** Submits the task of one input of `map`, with the key that belongs to the input. */
import type { Future } from '../future/future.js';
import { isFuture } from '../future/is-future.js';
import { FULFILLED } from '../future/state.js';
import type { Engine } from './engine.js';
import { type TaskInfo, withKey } from './handles/task-info.js';
import { LocalRun } from './run/local-run.js';

type KeyOf = (input: any) => unknown;

/**
 * Returns the future of an input.
 *
 * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more work
 */
export function submitInput(engine: Engine, task: TaskInfo, input: unknown, keyOf: KeyOf | undefined): Future<unknown> {
  if (keyOf === undefined) return engine.run(task, [input]);
  const submit = (value: unknown) => submitWithKey(engine, task, value, keyOf);
  // The key is computed from the input. So the task takes its place in the lane only when the value
  // of a promise or a Future is there.
  return isFuture(input) ? LocalRun.attach(input, task.name, FULFILLED, submit) : submit(input);
}

function submitWithKey(engine: Engine, task: TaskInfo, input: unknown, keyOf: KeyOf): Future<unknown> {
  let keyed: TaskInfo;
  try {
    keyed = withKey(task, keyOf(input));
  } catch (error) {
    const run = engine.createRun(task, submitWithKey);
    if (!run.future.isSettled) run.fail(error);
    return run.future;
  }
  return engine.run(keyed, [input]);
}
