/**
 * Settles futures. All changes of a future's state happen in this file, and producers call it. It
 * is not exported to users.
 */
import type { CancelledError } from '../errors.js';
import type { Future } from './future.js';
import type { Reaction } from './reaction.js';
import { CANCELLED, FULFILLED, isSettled, mayAdvance, REJECTED } from './state.js';
import { reportUnhandled } from './unhandled.js';
import { watch } from './unobserved.js';

/**
 * Advances to `fulfilled`. This function, {@link reject} and {@link cancel} return whether the call
 * settled the future.
 */
export function fulfil(future: Future<any>, value: unknown): boolean {
  return advance(future, FULFILLED, value) && deliver(future);
}

/** Advances to `rejected`. */
export function reject(future: Future<any>, reason: unknown): boolean {
  return advance(future, REJECTED, reason) && deliver(future);
}

/**
 * Advances to `cancelled`, then stops the work. `cause` is the reason as the caller passed it, for
 * the task's own signal. The state changes before the work stops. Stopping may settle the upstream
 * future, and its reactions must find this future settled.
 */
export function cancel(future: Future<any>, reason: CancelledError, cause: unknown): boolean {
  if (!advance(future, CANCELLED, reason)) return false;
  future._producer.stop(cause);
  return deliver(future);
}

/** Advances to `rejected`, then stops the work with the error as the reason, as {@link cancel}. */
export function rejectAndStop(future: Future<any>, error: unknown): boolean {
  if (!advance(future, REJECTED, error)) return false;
  future._producer.stop(error);
  return deliver(future);
}

/**
 * Advances to `state` without notifying reactions. A reaction that settles another future calls
 * this function, and appends that future to its `settled` list. The future is delivered from there.
 */
export function advance(future: Future<any>, state: number, result: unknown): boolean {
  if (!mayAdvance(future._state, state)) return false;
  future._state = state;
  future._result = result;
  return true;
}

/**
 * Notifies all reactions of a settled future in order, then those of the futures that settled
 * through them. Everything has run when the call returns, because G3 promises synchronous
 * callbacks.
 */
export function deliver(first: Future<any>): true {
  const settled = work[depth] ?? [];
  work[depth++] = settled;
  notifyAll(first, settled);
  for (let i = 0; i < settled.length; i++) notifyAll(settled[i]!, settled);
  settled.length = 0;
  depth--;
  return true;
}

/**
 * The lists of futures to deliver, one for each level of nested deliveries. The lists are reused,
 * because most stay empty.
 */
const work: Future<any>[][] = [];
let depth = 0;

/**
 * Notifies the reactions of one future. Nothing in this function throws: `notify` catches the
 * errors of reactions, and owners guard the functions that they call.
 */
function notifyAll(future: Future<any>, settled: Future<any>[]): void {
  const reactions = future._reactions;
  const producer = future._producer;
  // A reaction that is added from now on finds a settled future and runs at once.
  future._reactions = null;
  producer.release();
  if (reactions instanceof Set) for (const reaction of reactions) notify(reaction, future, settled);
  else if (reactions !== null) notify(reactions, future, settled);
  if (future._state === REJECTED && !future._isObserved) {
    watch(future, { error: future._result, id: future.id, name: producer.name, owner: producer.owner });
  }
  producer.owner.ended();
}

/** Adds a reaction. If the future has settled, the reaction runs now. */
export function whenSettled(future: Future<any>, reaction: Reaction): void {
  if (!isSettled(future._state)) {
    future._addReaction(reaction);
    return;
  }
  const settled: Future<any>[] = [];
  notify(reaction, future, settled);
  for (const other of settled) deliver(other);
}

/**
 * Runs a reaction. An error that it throws is reported as RxJS reports an error without a handler,
 * and does not stop other reactions.
 */
function notify(reaction: Reaction, future: Future<any>, settled: Future<any>[]): void {
  try {
    reaction.react(future, settled);
  } catch (error) {
    reportUnhandled(error);
  }
}
