/** The errors for a worker's end. */
import type { Ending } from '../backend/backend.js';
import { WorkerDiedError } from '../errors.js';

export function workerDied(worker: { readonly name: string }, { exitCode, signal, error }: Ending): WorkerDiedError {
  const how =
    error === undefined
      ? signal === undefined
        ? `exited with code ${exitCode ?? 'unknown'} (process.exit, or ended from outside)`
        : `was ended by ${signal}`
      : `died of ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  const died = new WorkerDiedError(
    `The worker ${worker.name} ${how} while it ran this task. It was not run again; where that is safe, use the retry option.`,
    { workerName: worker.name, exitCode, cause: error },
  );
  // Until its stack is first read, an error keeps everything that was on it alive: here the worker, with all that it ran.
  void died.stack;
  return died;
}
