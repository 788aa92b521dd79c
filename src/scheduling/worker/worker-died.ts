/** Errors for the end of a worker. */

import { type Ending, partsOf } from '../../backends/ending.js';
import { ActorDiedError, WorkerDiedError } from '../../errors.js';
import { headlineOf, stackOf } from '../../protocol/error-text.js';
import type { Job } from '../job/job.js';

export function workerDied(worker: Named, job: Job, ending: Ending): WorkerDiedError {
  const advice = 'A task that has started is not run again by default. Set `retry` if running it twice is safe.';
  return errorOf(worker, ending, `${whatHappened(worker, `while running ${textOf(job)}`, ending)}. ${advice}`);
}

/** The worker of an actor has ended, perhaps while it ran a job of the actor. */
export function actorDied(worker: Named, ending: Ending, actor: string, job?: Job): ActorDiedError {
  const when = job === undefined ? 'while an actor was on it' : `while running ${textOf(job)}`;
  const { exitCode, error: cause } = partsOf(ending);
  return stateLost(whatHappened(worker, when, ending), { actorName: actor, workerName: worker.name, exitCode, cause });
}

/**
 * The worker of an actor receives no more jobs. `fault` is its uncaught error. It is undefined if a
 * task does not stop.
 */
export function actorLeft({ name }: Named, actor: string, fault: unknown): ActorDiedError {
  const why = fault === undefined ? 'a cancelled task on it does not stop' : `it failed: ${headlineOf(fault)}`;
  const what = `Worker "${name}" receives no more calls, because ${why.replace(/\.$/, '')}`;
  return stateLost(what, { actorName: actor, workerName: name, cause: fault });
}

function stateLost(what: string, options: ConstructorParameters<typeof ActorDiedError>[1]): ActorDiedError {
  const lost = `${what}, so the state of actor "${options.actorName}" is lost`;
  const advice = 'Make a new actor, or set the option "restart" to have it constructed again.';
  return withoutStackObjects(new ActorDiedError(`${lost}. ${advice}`, options));
}

/** The worker ended before it was up, so no task is affected. */
export function diedStarting(worker: Named, ending: Ending): WorkerDiedError {
  return errorOf(worker, ending, whatHappened(worker, 'while starting', ending));
}

/** The worker ended after it was up, but before it started a task. */
export function diedIdle(worker: Named, ending: Ending): WorkerDiedError {
  return errorOf(worker, ending, whatHappened(worker, 'before it started a task', ending));
}

/** `finalizer` is undefined if the worker disposed of its actors, and has no finalizer. */
export function diedFinalizing(worker: Named, finalizer: string | undefined, ending: Ending): WorkerDiedError {
  const what = finalizer === undefined ? 'while disposing of its actors' : `while running finalizer "${finalizer}"`;
  return errorOf(worker, ending, whatHappened(worker, what, ending));
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

/** Returns the text for a job, such as `task "parse → save" (#7)`. */
function textOf({ id, steps }: Job): string {
  const name = steps.map((step) => step.name).join(' → ');
  return name === '' ? `task #${id}` : `task "${name}" (#${id})`;
}

function errorOf(worker: Named, ending: Ending, message: string): WorkerDiedError {
  const { exitCode, error: cause } = partsOf(ending);
  return withoutStackObjects(new WorkerDiedError(message, { workerName: worker.name, exitCode, cause }));
}

/**
 * Until its stack is first read, an error keeps the objects of the call stack alive. Here they are
 * the worker and all that ran on it.
 */
function withoutStackObjects<E extends Error>(died: E): E {
  stackOf(died);
  return died;
}

function whatHappened({ name }: Named, when: string, ending: Ending): string {
  switch (ending.type) {
    case 'failed':
      return `Worker "${name}" failed ${when}: ${headlineOf(ending.error).replace(/\.$/, '')}`;
    case 'killed':
      return `Worker "${name}" was killed by ${ending.signal} ${when}`;
    case 'exited':
      return `Worker "${name}" exited with code ${ending.exitCode ?? 'unknown'} ${when} (process.exit, or terminated from outside)`;
    default:
      return ending satisfies never;
  }
}
