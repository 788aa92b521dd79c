/** Reports errors that no code of the user can catch any more. */

import { config } from 'rxjs';
import { setTimeout } from '#platform/time';

/**
 * Reports an error as RxJS reports an error without a handler: to `config.onUnhandledError`, or
 * else as an uncaught exception. The report runs on a stack of its own.
 */
export function reportUnhandled(error: unknown): void {
  setTimeout(() => {
    const { onUnhandledError } = config;
    if (onUnhandledError) onUnhandledError(error);
    else throw error;
  });
}

/**
 * Calls a function of the user and reports what it throws. The error must not reach the caller,
 * which is in the middle of other work.
 */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    reportUnhandled(error);
  }
}
