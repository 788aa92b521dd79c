/** A future that belongs to its subscriber. */
import type { Future } from 'rx-futures';
import { Observable } from 'rxjs';

/** Submits a task and emits its future. Cancels the future when the subscriber leaves. */
export function owned<T>(submit: () => Future<T>): Observable<Future<T>> {
  return new Observable((subscriber) => {
    const future = submit();
    subscriber.next(future);
    return () => future.cancel();
  });
}
