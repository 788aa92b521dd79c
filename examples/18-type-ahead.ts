/**
 * Search as you type: with `switchMap`, a search that is out of date is stopped on its worker.
 *
 * Python's concurrent.futures: a search that runs can't be stopped, so each letter adds one to those that nobody wants
 * any more, and they are in the way of the one that matters. Here `search.stream(query)` is cold: it runs for its
 * subscriber, and is cancelled when `switchMap` leaves it for the next. The same holds for a task with a single result.
 * (A call, as in `search(query)`, is hot and shared: to leave it stops nothing. Example 10 has that.)
 */
import { fileURLToPath } from 'node:url';
import { Executor } from 'rx-futures';
import { BehaviorSubject, lastValueFrom, switchMap, tap, toArray } from 'rxjs';

await using executor = new Executor<typeof import('./18-type-ahead.tasks.js')>({
  tasks: new URL('./18-type-ahead.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { endings } = executor.tasks;
const search = executor.tasks.search.with({ highWaterMark: 20 }); // a screenful
const text = fileURLToPath(new URL('../node_modules/rxjs/CHANGELOG.md', import.meta.url));

const typed = new BehaviorSubject('r');
const still = ['re', 'replaysubject'];

/** Somebody who types on as soon as there is something to see. */
function typeOn(): void {
  const query = still.shift();
  if (query === undefined) {
    typed.complete();
  } else {
    console.log(`hits for "${typed.value}", but now it is "${query}"`);
    typed.next(query);
  }
}

const hits = await lastValueFrom(
  typed.pipe(switchMap((query) => search.stream(query, text).pipe(tap(typeOn), toArray()))),
);
console.log('shown in the end:', hits[0]?.replace(/ \(\[.*/, ''));
console.log((await endings()).join(', '));

// Output:
// hits for "r", but now it is "re"
// hits for "re", but now it is "replaysubject"
// shown in the end: - **ReplaySubject:** no longer buffers additional values after it's already stopped
// r: stopped, re: stopped, replaysubject: finished
