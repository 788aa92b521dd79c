/** A promise or an Observable as the work behind a future. */
import { EmptyError, from, type Observable, type ObservableInput } from 'rxjs';
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

export interface Follower {
  fulfilled(value: unknown): void;
  rejected(reason: unknown): void;
}

/** Waits for a promise's value or an Observable's last one. Returns what stops the waiting. */
export function follow(source: PromiseLike<unknown> | Observable<unknown>, follower: Follower): () => void {
  if ('then' in source && typeof source.then === 'function') {
    source.then(
      (value) => follower.fulfilled(value),
      (reason) => follower.rejected(reason),
    );
    return () => {};
  }
  let last: { readonly value: unknown } | undefined;
  const subscription = from(source as ObservableInput<unknown>).subscribe({
    next: (value) => {
      last = { value };
    },
    error: (error) => follower.rejected(error),
    complete: () => (last === undefined ? follower.rejected(new EmptyError()) : follower.fulfilled(last.value)),
  });
  return () => subscription.unsubscribe();
}
