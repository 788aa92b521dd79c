/**
 * Process warnings for errors that have no handler. Each warning names the task and the next step.
 */
import { config } from 'rxjs';
import { inspect } from '#platform/inspect';
import { warn } from '#platform/warn';
import { fullTextOf, headlineOf } from '../protocol/error-text.js';
import { isInstance } from '../protocol/instance.js';
import type { Future } from './future.js';
import { reportUnhandled } from './unhandled.js';

export function warnUnobserved(error: unknown, { id, name }: { id: number; name: string }): void {
  warn(`Future "${name}" (#${id}) was rejected, and no code handled the error: ${describe(error)}`, {
    type: 'UnobservedErrorWarning',
    code: 'RX_FUTURES_UNOBSERVED',
    detail: 'Await the future, subscribe with an error handler, or pass onUnobservedError to the Executor.',
  });
}

/**
 * Warns of an error that a task threw outside of its promise, after the task had ended. If the task
 * is unknown, `id` is 0 and `name` is the name of the worker.
 */
export function warnLeftover(error: unknown, { id, name }: { id: number; name: string }): void {
  const source = id === 0 ? `Code on worker "${name}"` : `Task "${name}" (#${id})`;
  warn(
    `${source} caused an uncaught error (in a timer, an event listener or a promise that is not awaited): ${describe(error)}`,
    {
      type: 'LeftoverErrorWarning',
      code: 'RX_FUTURES_LEFTOVER',
      detail:
        'Settled futures are not affected. The worker is replaced. Catch the error in the task, or await the promise.',
    },
  );
}

/** Warns of an error of the finalizer that is called `name`. */
export function warnFinalizer(error: unknown, { name }: { name: string }): void {
  warn(`Finalizer "${name}" failed: ${describe(error)}`, {
    type: 'FinalizerErrorWarning',
    code: 'RX_FUTURES_FINALIZER',
    detail: 'The worker has ended. Correct the finalizer, or pass onUnobservedError to the Executor.',
  });
}

/**
 * Reports an error that a done callback threw: to RxJS's `config.onUnhandledError` if it is set, or
 * else as a process warning.
 */
export function reportCallbackError(error: unknown, future: Future<unknown>): void {
  if (config.onUnhandledError !== null) {
    reportUnhandled(error);
    return;
  }
  warn(`A done callback of future "${future.name}" (#${future.id}) threw: ${describe(error)}`, {
    type: 'CallbackErrorWarning',
    code: 'RX_FUTURES_CALLBACK',
    detail:
      'The future and its other callbacks are not affected. Catch the error in the callback, or pass onCallbackError to the Executor.',
  });
}

/**
 * Reports an error that the cleanup of a stream threw after its reader left. RxJS's
 * `config.onUnhandledError` receives the error. If it is not set, the error is a process warning.
 */
export function reportCleanupError(error: unknown, { id, name }: { id: number; name: string }): void {
  if (config.onUnhandledError !== null) {
    reportUnhandled(error);
    return;
  }
  warn(`The cleanup of "${name}" (#${id}) failed after its reader left: ${describe(error)}`, {
    type: 'CleanupErrorWarning',
    code: 'RX_FUTURES_CLEANUP',
    detail:
      'A finally block or the return() of an iterator threw. Catch the error there, or pass onUnobservedError to the Executor.',
  });
}

/**
 * Returns the text of an error. Never throws, although the text may come from getters and hooks of
 * the user.
 */
function describe(error: unknown): string {
  try {
    return (isInstance(error, Error) ? fullTextOf(error) : undefined) ?? inspect(error);
  } catch {
    return headlineOf(error);
  }
}
