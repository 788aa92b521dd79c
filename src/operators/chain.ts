/** `chain`: the next step of a future. */
import { concatMap, from, type InteropObservable, type Observable, type OperatorFunction, of } from 'rxjs';
import { canJoin, type Task, type TaskInfo, taskInfo } from '../engine/handles/task.js';
import { type FutureOperator, makeOperator, type Stage } from '../future/future-operator.js';
import { FULFILLED } from '../future/state.js';
import { asPromise } from '../protocol/thenable.js';
import { asObservable } from '../stream/observable.js';
import { LocalRun } from './local-run.js';

/** What a step's function returns, after promises, futures and Observables are waited for. */
export type Flattened<R> =
  R extends PromiseLike<unknown> ? Awaited<R> : R extends Observable<infer V> | InteropObservable<infer V> ? V : R;

/**
 * Goes on with the value of a future: `a(x).pipe(chain(b), chain(c))` is a Future of c's result.
 *
 * With a task, the step runs on a worker; the task steps of one `pipe()` call run back to back on one worker, and so does a head that was
 * submitted in the same tick. With a function, it runs on this thread; a promise, future or Observable that it returns is waited for
 * (of an Observable, the last value).
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
 * A failure or a cancellation before it skips the step, and the final future ends with the very same error object. Cancelling the
 * final future stops what runs for it, where nobody else uses it. On any other Observable it is `concatMap` with the task or the function.
 *
 * @throws TypeError when it is given neither a task nor a function
 */
export function chain<A, R>(task: Task<[A], R>): FutureOperator<A, R>;
export function chain<A, R>(step: (value: A) => R): FutureOperator<A, Flattened<R>>;
export function chain(step: ((value: any) => unknown) | Task<any, any>): FutureOperator<any, any> {
  if (typeof step !== 'function') {
    throw new TypeError(`chain(step): expected a task or a function, got ${step === null ? 'null' : typeof step}`);
  }
  const task = taskInfo(step);
  return makeOperator(concatSteps(step), task === undefined ? localStage(step) : taskStage(task));
}

function localStage(step: (value: any) => unknown): Stage {
  return { attach: (source) => LocalRun.attach(source, `chain(${step.name || 'function'})`, FULFILLED, step) };
}

function taskStage(task: TaskInfo): Stage & { readonly task: TaskInfo } {
  return {
    task,
    attach: (source) => task.engine.chain(task, source),
    join(next) {
      const { task: other } = next as Partial<ReturnType<typeof taskStage>>;
      // Steps with a timeout or retries of their own stay legs of their own: they still travel together, and run on one worker.
      if (other === undefined || !canJoin(task, other)) return undefined;
      return taskStage({ ...other, steps: [...task.steps, ...other.steps] });
    },
  };
}

function concatSteps(step: (value: any) => unknown): OperatorFunction<any, any> {
  return concatMap((value) => toObservable(step(value)));
}

/** A step's result as an Observable: of one value, of what a promise resolves to, or of all values of an Observable. */
export function toObservable(result: unknown): Observable<unknown> {
  // Futures too: they are Observables that emit at once if they have settled.
  const observable = asObservable(result);
  if (observable !== undefined) return observable;
  const promise = asPromise(result);
  return promise === undefined ? of(result) : from(promise);
}
