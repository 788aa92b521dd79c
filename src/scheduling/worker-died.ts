/** The errors for a worker's end. */
import type { Ending } from '../backend/backend.js';
import { WorkerDiedError } from '../errors.js';

export function workerDied(worker: { readonly name: string }, { exitCode, error }: Ending): WorkerDiedError {
  const how =
    error === undefined
      ? `exited with code ${exitCode ?? 'unknown'} (process.exit, or ended from outside)`
      : `died of ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  return new WorkerDiedError(
    `The worker ${worker.name} ${how} while it ran this task. It was not run again; where that is safe, use the retry option.`,
    { workerName: worker.name, exitCode, cause: error },
  );
}
