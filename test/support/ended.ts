/** Settled futures for tests, and outcomes as short strings that tests compare. */
import { Deferred, type Future, type Outcome } from 'rx-futures';
import type { Observable } from 'rxjs';

export const failure = new Error('lost');

/** Returns a future that was cancelled with the reason `'enough'`. */
export function cancelledFuture(): Future<any> {
  const deferred = new Deferred<any>();
  deferred.cancel('enough');
  return deferred.future;
}

/**
 * Returns `'fulfilled 1'`, `'rejected Error: lost'` or `'cancelled enough'`. Returns the state if
 * the future has not settled.
 */
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

/** Records the outcomes that a subscriber receives, each formatted by {@link show}. */
export function watch(stream: Observable<Outcome<unknown>>): string[] {
  const seen: string[] = [];
  stream.subscribe({
    next: (outcome) => seen.push(show(outcome)),
    error: (error) => seen.push(String(error)),
    complete: () => seen.push('complete'),
  });
  return seen;
}
