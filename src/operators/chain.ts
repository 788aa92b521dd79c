/** `chain`: the operator that adds a step to a future. */
import { concatMap, from, type InteropObservable, type Observable, type OperatorFunction, of } from 'rxjs';
import { type Task, taskInfo } from '../engine/handles/task.js';
import { canJoin, type TaskInfo } from '../engine/handles/task-info.js';
import { LocalRun } from '../engine/run/local-run.js';
import { type Connector, type FutureOperator, makeOperator } from '../future/future-operator.js';
import { FULFILLED } from '../future/state.js';
import { asPromise } from '../protocol/thenable.js';
import { asObservable } from '../stream/observable.js';

/** The result of a step's function, after its promise, future or Observable has been awaited. */
export type Flattened<R> =
  R extends PromiseLike<unknown> ? Awaited<R> : R extends Observable<infer V> | InteropObservable<infer V> ? V : R;

/**
 * Adds a step that receives the value of a future: `a(x).pipe(chain(b), chain(c))` is a Future of
 * c's result.
 *
 * Use it for a task or a function that needs the result of another task. A task runs on a worker.
 * Task steps that follow each other in one `pipe()` call run back to back on one worker. A first
 * task that was submitted in the same tick runs there too. A function runs on this thread, and a
 * task after it may run on another worker. A promise, future or Observable that the function
 * returns is awaited (of an Observable, the last value counts).
 *
 * ```ts
 * const receipt = fetchPage('data:,<h1>Tea</h1>').pipe(
 *   chain(parse),
 *   chain((page) => ({ title: `${page.title} at five` })),
 *   chain(save),
 * );
 * console.log(await receipt); // what save returned
 * // Output:
 * // saved Tea at five
 * ```
 *
 * If the future before the step is rejected or cancelled, the step is skipped, and the final future
 * ends with the same error object. Cancelling the final future cancels the tasks before it that
 * nothing else uses.
 *
 * On any other Observable, `chain` is `concatMap` with the task or the function.
 *
 * @throws TypeError if the step is neither a task nor a function
 * @see {@link recover} for a step that runs after a failure
 */
export function chain<A, R>(task: Task<[A], R>): FutureOperator<A, R>;
export function chain<A, R>(step: (value: A) => R): FutureOperator<A, Flattened<R>>;
export function chain(step: ((value: any) => unknown) | Task<any, any>): FutureOperator<any, any> {
  if (typeof step !== 'function') {
    throw new TypeError(
      `chain(step): expected a task or a function, got ${step === null ? 'null' : typeof step}. Pass a task of executor.tasks, or a function of one value.`,
    );
  }
  const task = taskInfo(step);
  return makeOperator(concatSteps(step), task === undefined ? localConnector(step) : taskConnector(task));
}

function localConnector(step: (value: any) => unknown): Connector {
  return { attach: (source) => LocalRun.attach(source, `chain(${step.name || 'function'})`, FULFILLED, step) };
}

function taskConnector(task: TaskInfo): Connector & { readonly task: TaskInfo } {
  return {
    task,
    attach: (source) => task.engine.chain(task, source),
    join(next) {
      const { task: other } = next as Partial<ReturnType<typeof taskConnector>>;
      // Steps with their own timeout or retries stay separate jobs. They still run in one job tree,
      // on one worker.
      if (other === undefined || !canJoin(task, other)) return undefined;
      return taskConnector({ ...other, steps: [...task.steps, ...other.steps] });
    },
  };
}

function concatSteps(step: (value: any) => unknown): OperatorFunction<any, any> {
  return concatMap((value) => toObservable(step(value)));
}

/**
 * Returns a step's result as an Observable: of one value, of the value of a promise, or of all
 * values of an Observable.
 */
export function toObservable(result: unknown): Observable<unknown> {
  // A future is an Observable too. It emits at once if it has settled.
  const observable = asObservable(result);
  if (observable !== undefined) return observable;
  const promise = asPromise(result);
  return promise === undefined ? of(result) : from(promise);
}
