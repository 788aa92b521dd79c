/** Describes failed starts of workers, for the error that breaks an executor. */
import { type Session, StartFault } from '../../backends/backend.js';
import { type Ending, partsOf } from '../../backends/ending.js';
import { BrokenExecutorError, TimeoutError, type WorkerDiedError } from '../../errors.js';
import { headlineOf } from '../../protocol/error-text.js';
import type { Prerequisite, SessionConfig } from '../../protocol/messages.js';
import { diedIdle, diedStarting } from '../worker/worker-died.js';

export interface FailedStart {
  /** Cause of the failure, as a sentence without its full stop. */
  readonly message: string;
  readonly cause: unknown;
  /**
   * True for a fault of the program, such as a module that can't be loaded. Such a start fails
   * every time, unless a worker has come up before.
   */
  readonly isFinal: boolean;
}

interface Named {
  readonly name: string;
}

/** `new Worker()` or `fork()` threw an error. */
export function notMade(workerName: string, error: unknown): FailedStart {
  if (error instanceof StartFault) return ofFault(workerName, error);
  return {
    message: `Worker "${workerName}" could not be created: ${headlineOf(error)}`,
    cause: error,
    // A TypeError is caused by an option of the program, so each further start would fail too.
    isFinal: error instanceof TypeError,
  };
}

/** The worker reported that its start failed. */
export function notBooted(prerequisite: Prerequisite, executor: string, config: Config, error: unknown): FailedStart {
  const what = {
    module: `Task module "${config.module}" could not be loaded`,
    finalizer: `Finalizer "${config.finalizer}" could not be found`,
    initializer: `Initializer "${config.initializer}" failed`,
    connection: `Executor "${executor}" could not connect to its queue`,
  }[prerequisite];
  return { message: `${what}: ${headlineOf(error)}`, cause: error, isFinal: true };
}

export function notInTime(
  worker: Named & Pick<Session, 'missing'>,
  startTimeout: number,
  { module, initializer }: Config,
): FailedStart {
  const what = [module && `to import "${module}"`, initializer && `to run initializer "${initializer}"`]
    .filter(Boolean)
    .join(' and ');
  const late = `Worker "${worker.name}" needed more than ${startTimeout} ms`;
  const { missing } = worker;
  const message = missing ? `${late} to start, because ${missing.reason}` : `${late} ${what || 'to start'}`;
  const advice = missing?.advice ?? 'Increase startTimeout, or make the start faster.';
  return { message, cause: new TimeoutError(`${message}. ${advice}`, { phase: 'waiting' }), isFinal: true };
}

export function endedStarting(worker: Named, ending: Ending): FailedStart {
  const { error } = partsOf(ending);
  if (error instanceof StartFault) return ofFault(worker.name, error);
  return ofDeath(diedStarting(worker, ending), ending);
}

/** The worker came up, but ended before it ran any of the waiting tasks. */
export function endedIdle(worker: Named, ending: Ending): FailedStart {
  return ofDeath(diedIdle(worker, ending), ending);
}

/** No worker can be started, so the executor breaks. */
export function noWorkerStarts(failure: FailedStart): BrokenExecutorError {
  return brokenBy(failure, 'No worker can be started. Fix the error in `cause`, then create a new Executor.');
}

/** Fewer workers can be started soon than `ready()` waits for. */
export function tooFewStart(failure: FailedStart, awaited: number, up: number): BrokenExecutorError {
  const state = `ready() waits for ${awaited} workers, but ${up} are up.`;
  return brokenBy(failure, `${state} Fix the error in \`cause\`, or lower minWorkers.`);
}

/** `next` is the instruction at the end of the message. */
function brokenBy({ message, cause }: FailedStart, next: string): BrokenExecutorError {
  return new BrokenExecutorError(`${message.replace(/\.$/, '')}. ${next}`, { cause });
}

type Config = Pick<SessionConfig, 'module' | 'initializer' | 'finalizer'>;

function ofFault(workerName: string, fault: StartFault): FailedStart {
  return { message: `Worker "${workerName}" ${fault.message}`, cause: fault.cause ?? fault, isFinal: true };
}

function ofDeath(death: WorkerDiedError, ending: Ending): FailedStart {
  return { message: death.message, cause: partsOf(ending).error ?? death, isFinal: false };
}
