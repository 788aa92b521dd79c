/** `through`: the operator that passes a stream to a task, and returns the stream of the task. */
import { Observable } from 'rxjs';
import { type FutureArgs, type ItemOf, type StreamTask, type Task, taskInfo } from '../engine/handles/task.js';
import { taskStream } from '../engine/task-stream.js';
import { isFuture } from '../future/is-future.js';
import type { StreamOperator } from '../stream/stream-pipe.js';

/**
 * Passes the values of a stream to a task that reads them, and returns the stream of the values
 * that the task yields.
 *
 * Use it for stages that run on workers. Values that flow from one task to the next do not pass
 * through this thread. Each stage is at most its `highWaterMark` ahead of the next one.
 *
 * ```ts file: stages.ts
 * export function* count(to: number): Generator<number> {
 *   for (let n = 1; n <= to; n++) yield n;
 * }
 * export async function* times(numbers: AsyncIterable<number>, factor: number): AsyncGenerator<number> {
 *   for await (const n of numbers) yield factor * n;
 * }
 * ```
 *
 * ```ts
 * const executor = new Executor<typeof import('./stages.js')>({ tasks: new URL('./stages.js', import.meta.url) });
 * const { count, times } = executor.tasks;
 * for await (const n of count.stream(3).pipe(through(times, 2), through(times, 5))) console.log(n);
 * // Output:
 * // 10
 * // 20
 * // 30
 * ```
 *
 * The result is cold: each reader runs all stages anew. If the reader leaves, or if a stage fails,
 * all stages end through their `finally`. If the source is any other Observable, it can't wait for
 * the task: values that the task has not read are kept on this thread.
 *
 * @param task a task whose first parameter is an AsyncIterable. The stream emits the
 *   values that it yields, or its one result
 * @param args the other arguments of the task
 * @throws TypeError if `task` is not a task of an executor. The call of `pipe` throws a TypeError
 *   if an argument is a Shared of another executor, or if the tasks run on a queue
 * @see {@link Submitter.stream}, {@link chain} for one value
 */
export function through<A, B, Rest extends unknown[]>(
  task: StreamTask<[input: AsyncIterable<A>, ...rest: Rest], B>,
  ...args: FutureArgs<Rest>
): StreamOperator<A, B>;
export function through<A, R, Rest extends unknown[]>(
  task: Task<[input: AsyncIterable<A>, ...rest: Rest], R>,
  ...args: FutureArgs<Rest>
): StreamOperator<A, ItemOf<R>>;
export function through(task: unknown, ...args: readonly unknown[]): StreamOperator<any, any> {
  const info = taskInfo(task);
  if (info === undefined) {
    throw new TypeError(
      `through(task): expected a task of an executor, got ${typeof task === 'function' ? 'a function' : String(task)}. Pass a task such as executor.tasks.parse.`,
    );
  }
  return (source) => taskStream(info.engine, info, [isFuture(source) ? streamOf(source) : source, ...args]);
}

/** Returns a stream of the value of a future. As an argument, the future would be its value. */
function streamOf(source: Observable<any>): Observable<any> {
  return new Observable((subscriber) => source.subscribe(subscriber));
}
