/** What is said on the process's behalf where no handler was given: as process warnings, which name a place to look. */
import { inspect } from 'node:util';
import { config } from 'rxjs';
import { headlineOf, stackOf } from '../protocol/error-text.js';
import type { Future } from './future.js';
import { reportUnhandled } from './unhandled.js';

export function warnUnobserved(error: unknown, { id, name }: { id: number; name: string }): void {
  process.emitWarning(`The future of ${name} (#${id}) was rejected, and nobody looked at it: ${describe(error)}`, {
    type: 'UnobservedErrorWarning',
    code: 'RX_FUTURES_UNOBSERVED',
    detail: 'Subscribe with an error handler, await it, or give the executor an onUnobservedError handler.',
  });
}

/** A task threw outside of its promise, after it had ended, or where it can't be told whose it was. */
export function warnLeftover(error: unknown, { id, name }: { id: number; name: string }): void {
  const who = id === 0 ? `Something on the worker ${name}` : `The task ${name} (#${id})`;
  process.emitWarning(
    `${who} threw where no promise carried it home (in a timer, a listener, a promise that nobody awaits): ${describe(error)}`,
    {
      type: 'LeftoverErrorWarning',
      code: 'RX_FUTURES_LEFTOVER',
      detail:
        'Its future is not affected; the worker is replaced. Catch the error in the task, or await what it starts.',
    },
  );
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

/** A stream's cleanup threw when its reader had left. RxJS has a place for errors that nobody can catch; if it is empty, a warning. */
export function reportCleanupError(error: unknown, { id, name }: { id: number; name: string }): void {
  if (config.onUnhandledError !== null) {
    reportUnhandled(error);
    return;
  }
  process.emitWarning(`The cleanup of ${name} (#${id}) failed after its reader had left: ${describe(error)}`, {
    type: 'CleanupErrorWarning',
    code: 'RX_FUTURES_CLEANUP',
    detail:
      'A finally block or the return() of an iterator threw. Catch the error there, or give the executor an onUnobservedError handler.',
  });
}

/** Never throws: the text of an error may come from getters and hooks of the user. */
function describe(error: unknown): string {
  try {
    return (error instanceof Error ? stackOf(error) : undefined) ?? inspect(error);
  } catch {
    return headlineOf(error);
  }
}
