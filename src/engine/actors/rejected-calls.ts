/** Rejects the calls of an actor that ended or died. */
import { ActorDiedError, CancelledError } from '../../errors.js';
import type { Future } from '../../future/future.js';
import { rejectAndStop } from '../../future/settle.js';
import { stackOf } from '../../protocol/error-text.js';
import { isInstance } from '../../protocol/instance.js';
import type { ActorLane } from '../../scheduling/lanes/actor-lane.js';
import { placeOf } from '../../scheduling/lanes/lane.js';
import type { TaskRun } from '../run/task-run.js';

/** Returns the error of calls that come after the end of their actor. */
export function actorEnded(actorName: string, worker: { readonly name: string } | undefined): ActorDiedError {
  const error = new ActorDiedError(
    `Actor "${actorName}" was ended, so it accepts no calls. Call it before Actor.end(), or make a new actor.`,
    { actorName, workerName: worker?.name ?? 'none' },
  );
  // Until its stack is first read, an error keeps the objects of the call stack alive.
  stackOf(error);
  return error;
}

/**
 * Rejects the calls that wait in the lane of an actor. `errorOf` returns the error of the next one.
 * Returns whether there were any.
 */
export function rejectCalls(lane: ActorLane, errorOf: () => unknown): boolean {
  let hasRejected = false;
  for (const job of [...lane]) {
    const { future } = job as TaskRun;
    if (future.isSettled || placeOf(job).role === 'end') continue;
    hasRejected = true;
    rejectCall(future, errorOf());
  }
  return hasRejected;
}

/** Settles the future of a call. If the actor was cancelled, so is the call. */
export function rejectCall(future: Future<any>, error: unknown): void {
  if (isInstance(error, CancelledError)) future.cancel(error.cause);
  else rejectAndStop(future, error);
}
