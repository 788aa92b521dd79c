/** The errors for a worker's end. */
import type { Ending } from '../backends/backend.js';
import { WorkerDiedError } from '../errors.js';
import { headlineOf, stackOf } from '../protocol/error-text.js';

export function workerDied(worker: Named, ending: Ending): WorkerDiedError {
  const how = howItEnded(ending);
  return settled(
    new WorkerDiedError(
      `The worker ${worker.name} ${how} while it ran this task. A task that has begun is run again only where the retry option says so.`,
      { workerName: worker.name, exitCode: ending.exitCode, cause: ending.error },
    ),
  );
}

/** It died before it was up: no task is concerned. */
export function diedStarting(worker: Named, ending: Ending): WorkerDiedError {
  return settled(
    new WorkerDiedError(`The worker ${worker.name} ${howItEnded(ending)} while it started`, {
      workerName: worker.name,
      exitCode: ending.exitCode,
      cause: ending.error,
    }),
  );
}

/** It died when it was up and had no task. */
export function diedIdle(worker: Named, ending: Ending): WorkerDiedError {
  return settled(
    new WorkerDiedError(`The worker ${worker.name} ${howItEnded(ending)} before it began a task`, {
      workerName: worker.name,
      exitCode: ending.exitCode,
      cause: ending.error,
    }),
  );
}

interface Named {
  readonly name: string;
}

/** Until its stack is first read, an error keeps everything that was on it alive: here the worker, with all that it ran. */
function settled(error: WorkerDiedError): WorkerDiedError {
  stackOf(error);
  return error;
}

function howItEnded({ exitCode, signal, error }: Ending): string {
  const how =
    error === undefined
      ? signal === undefined
        ? `exited with code ${exitCode ?? 'unknown'} (process.exit, or ended from outside)`
        : `was ended by ${signal}`
      : `died of ${headlineOf(error)}`;
  return how;
}
