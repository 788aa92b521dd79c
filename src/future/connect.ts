/** A promise or an Observable as the work behind a future. */
import { EmptyError, from, isObservable, type Observable } from 'rxjs';
import type { Future } from './future.js';
import { DetachedOrigin } from './nobody.js';
import { fulfil, reject } from './settle.js';

export function connect<T>(
  source: PromiseLike<T> | Observable<T>,
  make: (origin: DetachedOrigin) => Future<T>,
): Future<T> {
  const origin = new DetachedOrigin('Future.from');
  origin.hasStarted = true;
  const future = make(origin);
  const stop = follow(source, {
    fulfilled: (value) => fulfil(future, value),
    rejected: (reason) => reject(future, reason),
  });
  origin.stopped = stop;
  return future;
}

/** @throws TypeError for what is neither a promise nor an Observable */
export function checkSource(source: unknown): void {
  if (isThenable(source) || isObservable(source)) return;
  // Another library's Observable.
  const interop = (Symbol as { observable?: symbol }).observable ?? '@@observable';
  if (typeof (source as Record<PropertyKey, unknown> | null | undefined)?.[interop] === 'function') return;
  const kind =
    source === null
      ? 'null'
      : typeof source === 'object'
        ? `a ${source.constructor?.name ?? 'plain object'}`
        : typeof source;
  throw new TypeError(
    `Future.from(source): expected a promise, a Future or an Observable, got ${kind}. For a value there is Future.resolve.`,
  );
}

function isThenable(source: unknown): source is PromiseLike<unknown> {
  return typeof (source as { then?: unknown } | null | undefined)?.then === 'function';
}

export interface Follower {
  fulfilled(value: unknown): void;
  rejected(reason: unknown): void;
}

/** Waits for a promise's value or an Observable's last one. Returns what stops the waiting. */
export function follow(source: PromiseLike<unknown> | Observable<unknown>, follower: Follower): () => void {
  if (isThenable(source)) {
    // Through a promise of this realm: a thenable may throw, call back twice, or at once.
    Promise.resolve(source).then(
      (value) => follower.fulfilled(value),
      (reason) => follower.rejected(reason),
    );
    return () => {};
  }
  let last: { readonly value: unknown } | undefined;
  const subscription = from(source).subscribe({
    next: (value) => {
      last = { value };
    },
    error: (error) => follower.rejected(error),
    complete: () => (last === undefined ? follower.rejected(new EmptyError()) : follower.fulfilled(last.value)),
  });
  return () => subscription.unsubscribe();
}
