/** Errors that nobody can catch any more. */

import { config } from 'rxjs';
import { setTimeout } from '../time.js';

/** What RxJS does with an error that no handler takes: `config.onUnhandledError`, else an uncaught exception; on a stack of its own. */
export function reportUnhandled(error: unknown): void {
  setTimeout(() => {
    const { onUnhandledError } = config;
    if (onUnhandledError) onUnhandledError(error);
    else throw error;
  });
}
