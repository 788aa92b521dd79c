/** `recover`: the operator that handles the failure of a future. */
import { catchError, throwError } from 'rxjs';
import { LocalRun } from '../engine/run/local-run.js';
import { CancelledError } from '../errors.js';
import { type FutureOperator, makeOperator } from '../future/future-operator.js';
import { REJECTED } from '../future/state.js';
import { isInstance } from '../protocol/instance.js';
import { type Flattened, toObservable } from './chain.js';

/**
 * Handles a rejection: the new future settles with the value, promise, future or Observable that
 * the handler returns.
 *
 * Use it for a failure that has a substitute. A fulfilled value passes through unchanged. If the
 * handler throws, its error is the new rejection. Throw the same error again if the handler can't
 * handle it.
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
 * A cancellation is not a failure, so it passes through as well. On any other Observable, `recover`
 * is `catchError`.
 *
 * @throws TypeError if the handler is not a function
 * @see {@link chain} for a step that runs after success
 */
export function recover<T, R>(handler: (error: any) => R): FutureOperator<T, T | Flattened<R>> {
  if (typeof handler !== 'function') {
    throw new TypeError(
      `recover(handler): expected a function with the error as its parameter, got ${typeof handler}. Pass a function that returns a replacement.`,
    );
  }
  return makeOperator(
    catchError((error) =>
      isInstance(error, CancelledError) ? throwError(() => error) : toObservable(handler(error)),
    ) as never,
    { attach: (source) => LocalRun.attach(source, `recover(${handler.name || 'function'})`, REJECTED, handler) },
  );
}
