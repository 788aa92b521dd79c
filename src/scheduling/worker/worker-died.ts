/** Errors for the end of a worker. */

import type { Ending } from '../../backends/backend.js';
import { WorkerDiedError } from '../../errors.js';
import { headlineOf, stackOf } from '../../protocol/error-text.js';

export function workerDied(worker: Named, ending: Ending): WorkerDiedError {
  const advice = 'A task that has started is not run again by default. Set `retry` if running it twice is safe.';
  return errorOf(worker, ending, `${whatHappened(worker, 'while running this task', ending)}. ${advice}`);
}

/** The worker ended before it was up, so no task is affected. */
export function diedStarting(worker: Named, ending: Ending): WorkerDiedError {
  return errorOf(worker, ending, whatHappened(worker, 'while starting', ending));
}

/** The worker ended after it was up, but before it started a task. */
export function diedIdle(worker: Named, ending: Ending): WorkerDiedError {
  return errorOf(worker, ending, whatHappened(worker, 'before it started a task', ending));
}

export function diedFinalizing(worker: Named, finalizer: string, ending: Ending): WorkerDiedError {
  return errorOf(worker, ending, whatHappened(worker, `while running finalizer "${finalizer}"`, ending));
}

/** The worker ended after a step of a pipeline, and the next step must run on no other worker. */
export function diedBetweenSteps({ name }: Named, next: string): WorkerDiedError {
  const message = `Worker "${name}" ended in the middle of a broadcast, before its step "${next}" started`;
  return new WorkerDiedError(`${message}. Call broadcast() again if running its task twice is safe.`, {
    workerName: name,
  });
}

interface Named {
  readonly name: string;
}

function errorOf(worker: Named, { exitCode, error }: Ending, message: string): WorkerDiedError {
  const died = new WorkerDiedError(message, { workerName: worker.name, exitCode, cause: error });
  // Until its stack is first read, an error keeps the objects of the call stack alive. Here they
  // are the worker and all that ran on it.
  stackOf(died);
  return died;
}

function whatHappened({ name }: Named, when: string, { exitCode, signal, error }: Ending): string {
  if (error !== undefined) return `Worker "${name}" failed ${when}: ${headlineOf(error).replace(/\.$/, '')}`;
  if (signal !== undefined) return `Worker "${name}" was killed by ${signal} ${when}`;
  return `Worker "${name}" exited with code ${exitCode ?? 'unknown'} ${when} (process.exit, or terminated from outside)`;
}
