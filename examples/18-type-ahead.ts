/**
 * This example searches as you type: `switchMap` stops an outdated search on its worker.
 *
 * Python's concurrent.futures: a running search can't be stopped. Each letter adds another outdated
 * search, and the latest one has to wait for them.
 *
 * Here `search.stream(query)` is cold: it runs for its subscriber, and is cancelled when
 * `switchMap` unsubscribes to start the next search. Streams of tasks with a single result work the
 * same way. A call such as `search(query)` is hot and shared, so unsubscribing does not stop it
 * (see example 10).
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
const queries = ['re', 'replaysubject'];

/** Imitates a user who types the next query as soon as the first hits are shown. */
function typeNext(): void {
  const query = queries.shift();
  if (query === undefined) {
    typed.complete();
  } else {
    console.log(`hits for "${typed.value}", but now it is "${query}"`);
    typed.next(query);
  }
}

const hits = await lastValueFrom(
  typed.pipe(switchMap((query) => search.stream(query, text).pipe(tap(typeNext), toArray()))),
);
console.log('shown in the end:', hits[0]?.replace(/ \(\[.*/, ''));
console.log((await endings()).join(', '));

// Output:
// hits for "r", but now it is "re"
// hits for "re", but now it is "replaysubject"
// shown in the end: - **ReplaySubject:** no longer buffers additional values after it's already stopped
// r: stopped, re: stopped, replaysubject: finished
