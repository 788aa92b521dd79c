/**
 * This example uses RxJS operators on futures, because a Future is an Observable.
 *
 * Python's concurrent.futures has callbacks, `wait` and `as_completed`. You write everything else
 * yourself. Here every operator of RxJS accepts a future. There are two things to know:
 *
 * - A future is one run of the work. To repeat the work, call the task again inside `defer`.
 * - A future is shared. To unsubscribe from it does not cancel it; `cancel()` does.
 */
import { Executor, type Future, wait } from 'rx-futures';
import {
  defer,
  finalize,
  forkJoin,
  from,
  lastValueFrom,
  mergeMap,
  of,
  retry,
  Subject,
  switchMap,
  takeUntil,
  timeout,
  toArray,
} from 'rxjs';

await using executor = new Executor<typeof import('./10-rxjs-around-it.tasks.js')>({
  tasks: new URL('./10-rxjs-around-it.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { shout, flaky, search } = executor.tasks;

// Many inputs, with two tasks in flight at a time.
const words = from(['futures', 'are', 'observables']);
const shouted = words.pipe(
  mergeMap((word) => shout(word), 2),
  toArray(),
);
console.log('mergeMap:', await lastValueFrom(shouted));
console.log('forkJoin:', await lastValueFrom(forkJoin({ hot: shout('hot'), cold: shout('cold') })));

// A future is one run: `retry` on it receives the same error again. `defer` calls the task for each
// attempt.
console.log('retry:', await lastValueFrom(flaky('a').pipe(retry(2))).catch(String));
console.log('defer, retry:', await lastValueFrom(defer(() => flaky('b')).pipe(retry(2))));
console.log('or the option:', await flaky.with({ retry: 2 })('c'));

// `timeout` ends the wait, but not the work.
const slow = search('everything');
console.log('timeout:', await lastValueFrom(slow.pipe(timeout(1))).catch((error) => error.name));
console.log('the work continued:', await slow);

// `takeUntil` also ends the wait, but not the work.
const stop = new Subject<void>();
const received: string[] = [];
const shared = search('something');
shared.pipe(takeUntil(stop)).subscribe((result) => received.push(result));
stop.next();
console.log('takeUntil:', await shared, '| received:', received.length);

// `switchMap` subscribes to the latest search only, but all three searches run to their ends.
const searches: Future<string>[] = [];
const latest = of('r', 'rx', 'rxjs').pipe(
  switchMap((query) => {
    const future = search(query);
    searches.push(future);
    return future;
  }),
);
console.log('switchMap:', await lastValueFrom(latest));
await wait(searches);
console.log('its searches:', searches.map((future) => future.state).join(', '));

// `finalize` cancels a future when its subscriber unsubscribes.
const cancelled: Future<string>[] = [];
const latestOnly = of('r', 'rx', 'rxjs').pipe(
  switchMap((query) => {
    const future = search(query);
    cancelled.push(future);
    return future.pipe(finalize(() => future.cancel()));
  }),
);
console.log('with finalize:', await lastValueFrom(latestOnly));
console.log('its searches:', cancelled.map((future) => future.state).join(', '));

// Output:
// mergeMap: [ 'FUTURES!', 'ARE!', 'OBSERVABLES!' ]
// forkJoin: { hot: 'HOT!', cold: 'COLD!' }
// retry: Error: run 1 failed
// defer, retry: run 3 succeeded
// or the option: run 3 succeeded
// timeout: TimeoutError
// the work continued: results for everything
// takeUntil: results for something | received: 0
// switchMap: results for rxjs
// its searches: fulfilled, fulfilled, fulfilled
// with finalize: results for rxjs
// its searches: cancelled, cancelled, fulfilled
