/**
 * A Future is an Observable: RxJS composes it, retries it, limits the wait for it.
 *
 * Python's concurrent.futures has callbacks, `wait` and `as_completed`, and what else you need you write yourself.
 * Here every operator of RxJS takes a future. Two things to know. A future is one run of the work, so what repeats it
 * has to call the task again: `defer`. And it is shared, so leaving it never cancels it: `cancel()` does.
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

// Many inputs, two in flight at a time.
const words = from(['futures', 'are', 'observables']);
const shouted = words.pipe(
  mergeMap((word) => shout(word), 2),
  toArray(),
);
console.log('mergeMap:', await lastValueFrom(shouted));
console.log('forkJoin:', await lastValueFrom(forkJoin({ hot: shout('hot'), cold: shout('cold') })));

// A future is one run: `retry` on it meets the same end again. `defer` calls the task for each attempt.
console.log('retry:', await lastValueFrom(flaky('a').pipe(retry(2))).catch(String));
console.log('defer, retry:', await lastValueFrom(defer(() => flaky('b')).pipe(retry(2))));
console.log('or the option:', await flaky.with({ retry: 2 })('c'));

// `timeout` ends the wait, not the work.
const slow = search('everything');
console.log('timeout:', await lastValueFrom(slow.pipe(timeout(1))).catch((error) => error.name));
console.log('the work went on:', await slow);

// So does `takeUntil`.
const leave = new Subject<void>();
const heard: string[] = [];
const left = search('something');
left.pipe(takeUntil(leave)).subscribe((result) => heard.push(result));
leave.next();
console.log('takeUntil:', await left, '| heard:', heard.length);

// And `switchMap`, which listens to the latest search only: all three searches run to their ends.
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

// Where leaving should cancel, say so.
const cancelled: Future<string>[] = [];
const frugal = of('r', 'rx', 'rxjs').pipe(
  switchMap((query) => {
    const future = search(query);
    cancelled.push(future);
    return future.pipe(finalize(() => future.cancel()));
  }),
);
console.log('with finalize:', await lastValueFrom(frugal));
console.log('its searches:', cancelled.map((future) => future.state).join(', '));

// Output:
// mergeMap: [ 'FUTURES!', 'ARE!', 'OBSERVABLES!' ]
// forkJoin: { hot: 'HOT!', cold: 'COLD!' }
// retry: Error: run 1 failed
// defer, retry: run 3 worked
// or the option: run 3 worked
// timeout: TimeoutError
// the work went on: results for everything
// takeUntil: results for something | heard: 0
// switchMap: results for rxjs
// its searches: fulfilled, fulfilled, fulfilled
// with finalize: results for rxjs
// its searches: cancelled, cancelled, fulfilled
