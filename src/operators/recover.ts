/** `recover`: an answer to failure. */
import { catchError, throwError } from 'rxjs';
import { CancelledError } from '../errors.js';
import { type FutureOperator, makeOperator } from '../future/future-operator.js';
import { REJECTED } from '../future/state.js';
import { type Flattened, toObservable } from './chain.js';
import { LocalRun } from './local-run.js';

/**
 * Goes on after a failure: with the value, promise, future or Observable that the function makes of the error. A value passes
 * by untouched. What the function throws is the new failure; throw the same error for what it can't handle.
 *
 * ```ts
 * const answer = fail('odd').pipe(
 *   recover((error) => {
 *     if (error.message === 'odd') return 0;
 *     throw error;
 *   }),
 * );
 * console.log(await answer);
 * // Output:
 * // 0
 * ```
 *
 * A cancellation is not a failure: it passes by too. On any other Observable it is `catchError`.
 *
 * @throws TypeError when it is given no function
 */
export function recover<T, R>(handler: (error: any) => R): FutureOperator<T, T | Flattened<R>> {
  if (typeof handler !== 'function') {
    throw new TypeError(`recover(handler): expected a function that takes the error, got ${typeof handler}`);
  }
  return makeOperator(
    catchError((error) =>
      error instanceof CancelledError ? throwError(() => error) : toObservable(handler(error)),
    ) as never,
    { attach: (source) => LocalRun.attach(source, `recover(${handler.name || 'function'})`, REJECTED, handler) },
  );
}
