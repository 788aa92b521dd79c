/**
 * The resolution procedure of Promises/A+ (2.3), extended to Observables. A future adopts the
 * result of a step, the source of `Future.from` or the argument of `Deferred.resolve`, and settles
 * in the same way.
 */
import { EmptyError, type Observable, Subject, takeUntil } from 'rxjs';
import { asPromise, whenDone } from '../protocol/thenable.js';
import { unmarked } from '../protocol/transfer.js';
import { asObservable } from '../stream/observable.js';
import { cycleError, leadsTo } from './cycle.js';
import type { Future } from './future.js';
import { isFuture } from './is-future.js';
import type { Reaction } from './reaction.js';
import { advance, fulfil, reject } from './settle.js';
import { FULFILLED, REJECTED } from './state.js';
import { abandon } from './upstream.js';

/** A promise, future or Observable that a future was resolved with and waits for. */
export interface Adopted {
  /** The future or promise; undefined for an Observable. */
  readonly source: Future<any> | Promise<unknown> | undefined;
  /** Called when the waiting future is cancelled. */
  stop(reason: unknown): void;
}

/** The part of a future's producer that an adoption changes. */
export interface Adopter {
  adopted: Adopted | undefined;
}

/**
 * Adopts `result`. Returns true if `future` has settled now; the caller then delivers it. Returns
 * false if the future settles later.
 */
export function adopt(future: Future<any>, result: unknown, adopter: Adopter): boolean {
  return adoptSource(future, result, adopter, true) ?? advance(future, FULFILLED, unmarked(result));
}

/** Like {@link adopt}, but an Observable is an ordinary value, as it is for a native promise. */
export function adoptPromise(future: Future<any>, result: unknown, adopter: Adopter): boolean {
  return adoptSource(future, result, adopter, false) ?? advance(future, FULFILLED, result);
}

/**
 * Like {@link adopt}, but returns undefined if `source` is an ordinary value. Never throws. An
 * error that the source throws rejects the future.
 */
export function adoptSource(
  future: Future<any>,
  source: unknown,
  adopter: Adopter,
  takesObservables: boolean,
): boolean | undefined {
  if (source === null || (typeof source !== 'object' && typeof source !== 'function')) return undefined;
  try {
    if (isFuture(source)) return adoptFuture(future, source, adopter);
    const promise = asPromise(source);
    if (promise !== undefined) return adoptNative(future, promise, adopter);
    const observable = takesObservables ? asObservable(source) : undefined;
    return observable && adoptObservable(future, observable, adopter);
  } catch (error) {
    return advance(future, REJECTED, error);
  }
}

function adoptFuture(future: Future<any>, source: Future<any>, adopter: Adopter): boolean {
  if (leadsTo(source, future)) {
    // The source fails with the same error. Only this future reports the failure.
    if (source !== future) source._observe();
    return advance(future, REJECTED, cycleError(future));
  }
  const reaction: Reaction = {
    react(_source, settled) {
      if (settle()) settled.push(future);
    },
  };
  if (source.isSettled) return settle();
  source._addReaction(reaction);
  adopter.adopted = { source, stop: (reason) => abandon(source, reaction, reason) };
  return false;

  function settle(): boolean {
    source._observe();
    return advance(future, source._state, source._state === FULFILLED ? source._value() : source._result);
  }
}

function adoptNative(future: Future<any>, promise: Promise<unknown>, adopter: Adopter): boolean {
  // The getter of `then` is code of the user, and may have cancelled the future.
  if (future.isSettled) return false;
  whenDone(
    promise,
    (value) => fulfil(future, unmarked(value)),
    (reason) => reject(future, reason),
  );
  adopter.adopted = { source: promise, stop: () => {} };
  return false;
}

/**
 * Adopts the last value of an Observable. If the Observable ends while it is being subscribed to,
 * the caller delivers the future. A long chain of such steps then runs in a loop.
 */
function adoptObservable(future: Future<any>, observable: Observable<unknown>, adopter: Adopter): boolean {
  // A Subject is used, because a subscription comes too late for an Observable that emits while it
  // is being subscribed to. It must be possible to stop such an Observable.
  const left = new Subject<void>();
  let last: { readonly value: unknown } | undefined;
  let isSubscribing = true;
  let hasSettled = false;
  adopter.adopted = { source: undefined, stop: () => left.next() };
  observable.pipe(takeUntil(left)).subscribe({
    next: (value) => {
      last = { value };
    },
    error: (error) => end(REJECTED, error),
    complete: () => {
      if (last === undefined) end(REJECTED, new EmptyError());
      else end(FULFILLED, unmarked(last.value));
    },
  });
  isSubscribing = false;
  return hasSettled;

  function end(state: typeof FULFILLED | typeof REJECTED, result: unknown): void {
    if (isSubscribing) hasSettled = advance(future, state, result);
    else if (state === FULFILLED) fulfil(future, result);
    else reject(future, result);
  }
}
