/**
 * The one place where futures advance. Not exported to users: a future is settled by its origin, through here.
 */
import type { CancelledError } from '../errors.js';
import type { Future } from './future.js';
import type { Reaction } from './reaction.js';
import { CANCELLED, FULFILLED, isSettled, mayAdvance, REJECTED } from './state.js';
import { reportUnhandled } from './unhandled.js';
import { watch } from './unobserved.js';

/** Advances to `fulfilled`. Each of these answers whether it was this call that settled the future. */
export function fulfil(future: Future<any>, value: unknown): boolean {
  return advance(future, FULFILLED, value) && deliver(future);
}

/** Advances to `rejected`. */
export function reject(future: Future<any>, reason: unknown): boolean {
  return advance(future, REJECTED, reason) && deliver(future);
}

/**
 * Advances to `cancelled`, and stops the work. `cause` is the reason as it was given, for the task's own signal. The state comes
 * first: stopping may settle what this future waits for, and that must find it settled.
 */
export function cancel(future: Future<any>, reason: CancelledError, cause: unknown): boolean {
  if (!advance(future, CANCELLED, reason)) return false;
  future._producer.stop(cause);
  return deliver(future);
}

/**
 * Settles without telling anybody yet: for links, which append the future to the `settled` that they were given.
 * Advances to `state`.
 */
export function advance(future: Future<any>, state: number, result: unknown): boolean {
  if (!mayAdvance(future._state, state)) return false;
  future._state = state;
  future._result = result;
  return true;
}

/**
 * Tells everybody who waits, in order, and then those who wait for futures that were settled by that. Runs to its end
 * before it returns: synchronously at settlement, as G3 promises.
 */
export function deliver(first: Future<any>): true {
  const settled = work[depth] ?? [];
  work[depth++] = settled;
  tellAll(first, settled);
  for (let i = 0; i < settled.length; i++) tellAll(settled[i]!, settled);
  settled.length = 0;
  depth--;
  return true;
}

/** Work lists, one for each delivery that is under way inside another one: they are used again, since most are of length 0. */
const work: Future<any>[][] = [];
let depth = 0;

/** Nothing in here throws: `tell` sees to the reactions, and owners guard what they call. */
function tellAll(future: Future<any>, settled: Future<any>[]): void {
  const reactions = future._reactions;
  const producer = future._producer;
  // Whoever is added from now on finds a settled future and is served at once.
  future._reactions = null;
  producer.release();
  if (reactions instanceof Set) for (const reaction of reactions) tell(reaction, future, settled);
  else if (reactions !== null) tell(reactions, future, settled);
  if (future._state === REJECTED && !future._isObserved) {
    watch(future, { error: future._result, id: future.id, name: producer.name, owner: producer.owner });
  }
  producer.owner.ended();
}

/** Adds a reaction; where the future has settled it reacts now. */
export function whenSettled(future: Future<any>, reaction: Reaction): void {
  if (!isSettled(future._state)) {
    future._addReaction(reaction);
    return;
  }
  const settled: Future<any>[] = [];
  tell(reaction, future, settled);
  for (const other of settled) deliver(other);
}

/** Whoever throws stops nobody else: the error goes where RxJS puts those that no one can catch. */
function tell(reaction: Reaction, future: Future<any>, settled: Future<any>[]): void {
  try {
    reaction.react(future, settled);
  } catch (error) {
    reportUnhandled(error);
  }
}
