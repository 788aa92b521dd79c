/** Errors that nobody can catch any more. */

import { config } from 'rxjs';
import { setTimeout } from '../platform/time.js';

/** What RxJS does with an error that no handler takes: `config.onUnhandledError`, else an uncaught exception; on a stack of its own. */
export function reportUnhandled(error: unknown): void {
  setTimeout(() => {
    const { onUnhandledError } = config;
    if (onUnhandledError) onUnhandledError(error);
    else throw error;
  });
}

/** Calls what a user has handed in. What it throws must not end up in the caller, which is in the middle of something else. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    reportUnhandled(error);
  }
}
