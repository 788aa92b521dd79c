/** Starts that failed, and what is said of them. */
import type { Ending } from '../backends/backend.js';
import { BrokenExecutorError, TimeoutError, type WorkerDiedError } from '../errors.js';
import type { BootStage, SessionConfig } from '../protocol/messages.js';
import { diedIdle, diedStarting } from './worker-died.js';

export interface FailedStart {
  /** What happened, as a sentence without its full stop. */
  readonly message: string;
  readonly cause: unknown;
  /** A fault of the program: it fails the next time too, unless a worker has come up before. */
  readonly isFinal: boolean;
}

interface Named {
  readonly name: string;
}

/** `new Worker()` or `fork()` threw. */
export function notMade(workerName: string, error: unknown): FailedStart {
  return { message: `The worker ${workerName} can't be made: ${textOf(error)}`, cause: error, isFinal: false };
}

export function notBooted(stage: BootStage, executor: string, config: Config, error: unknown): FailedStart {
  const what = {
    module: `The task module ${config.module} can't be loaded`,
    initializer: `The initializer ${config.initializer} failed`,
    connection: `The queue behind the executor ${executor} can't be reached`,
  }[stage];
  return { message: `${what}: ${textOf(error)}`, cause: error, isFinal: true };
}

export function notInTime(worker: Named, startTimeout: number, { module, initializer }: Config): FailedStart {
  const what = [module && `to import ${module}`, initializer && `to run the initializer ${initializer}`]
    .filter(Boolean)
    .join(' and ');
  const message = `The worker ${worker.name} took more than ${startTimeout} ms ${what || 'to start'}`;
  return { message, cause: new TimeoutError(`${message}: the startTimeout option`), isFinal: true };
}

export function endedStarting(worker: Named, ending: Ending): FailedStart {
  return ofDeath(diedStarting(worker, ending), ending);
}

/** It came up, and ended before it had run any of the tasks that waited. */
export function endedIdle(worker: Named, ending: Ending): FailedStart {
  return ofDeath(diedIdle(worker, ending), ending);
}

/** `next` says what to do. */
export function brokenBy({ message, cause }: FailedStart, next: string): BrokenExecutorError {
  return new BrokenExecutorError(`${message.replace(/\.$/, '')}. ${next}`, { cause });
}

type Config = Pick<SessionConfig, 'module' | 'initializer'>;

function ofDeath(death: WorkerDiedError, { error }: Ending): FailedStart {
  return { message: death.message, cause: error ?? death, isFinal: false };
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
