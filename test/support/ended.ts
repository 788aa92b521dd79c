/** Futures in each of their endings, and what one says of its end, short enough to compare. */
import { Deferred, type Future, type Outcome } from 'rx-futures';
import type { Observable } from 'rxjs';

export const failure = new Error('lost');

/** A future that was cancelled with the reason `'enough'`. */
export function cancelledFuture(): Future<any> {
  const deferred = new Deferred<any>();
  deferred.cancel('enough');
  return deferred.future;
}

/** `'fulfilled 1'`, `'rejected Error: lost'`, `'cancelled enough'`, or the state where it has not settled. */
export function ending(future: Future<unknown>): string {
  return future.outcome === undefined ? future.state : show(future.outcome);
}

export function show(outcome: Outcome<unknown>): string {
  switch (outcome.status) {
    case 'fulfilled':
      return `fulfilled ${Array.isArray(outcome.value) ? JSON.stringify(outcome.value) : String(outcome.value)}`;
    case 'rejected':
      return `rejected ${String(outcome.reason)}`;
    default:
      return `cancelled ${String(outcome.reason.cause)}`;
  }
}

/** What a subscriber of outcomes sees, each as {@link show} puts it. */
export function watch(stream: Observable<Outcome<unknown>>): string[] {
  const seen: string[] = [];
  stream.subscribe({
    next: (outcome) => seen.push(show(outcome)),
    error: (error) => seen.push(String(error)),
    complete: () => seen.push('complete'),
  });
  return seen;
}
