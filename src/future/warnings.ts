/** What is said on the process's behalf where no handler was given: as process warnings, which name a place to look. */
import { inspect } from 'node:util';
import { config } from 'rxjs';
import type { Future } from './future.js';
import { reportUnhandled } from './unhandled.js';

export function warnUnobserved(error: unknown, { id, name }: { id: number; name: string }): void {
  process.emitWarning(`The future of ${name} (#${id}) was rejected, and nobody looked at it: ${describe(error)}`, {
    type: 'UnobservedErrorWarning',
    code: 'RX_FUTURES_UNOBSERVED',
    detail: 'Subscribe with an error handler, await it, or give the executor an onUnobservedError handler.',
  });
}

/** A done callback has thrown. RxJS has a place for errors that nobody can catch; where it is empty, a warning. */
export function reportCallbackError(error: unknown, future: Future<unknown>): void {
  if (config.onUnhandledError !== null) {
    reportUnhandled(error);
    return;
  }
  process.emitWarning(`A done callback of ${future.name} (#${future.id}) threw: ${describe(error)}`, {
    type: 'CallbackErrorWarning',
    code: 'RX_FUTURES_CALLBACK',
    detail:
      'The future and its other callbacks are not affected. Give the executor an onCallbackError handler to see it yourself.',
  });
}

function describe(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : inspect(error);
}
