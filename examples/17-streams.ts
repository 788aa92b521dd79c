/**
 * A task that gives many values is a stream: it is read while it is made, and stops where the reader does.
 *
 * Python's concurrent.futures: a task gives one result, at its end. To hand out lines as they are found takes a queue
 * between the threads, a bound for it, a mark for its end, and an event that tells the worker to stop. Here the task is
 * a generator function, and its stream an Observable that can also be read in a loop. A reader who has seen enough just
 * leaves: the generator returns, through its `finally`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Executor } from 'rx-futures';
import { map, take } from 'rxjs';

await using executor = new Executor<typeof import('./17-streams.tasks.js')>({
  tasks: new URL('./17-streams.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { lastSearch } = executor.tasks;
// It may be four lines ahead of its reader, then it waits. Unless you say so, it is 1,024.
const grep = executor.tasks.grep.with({ highWaterMark: 4 });

// The change logs of the installed packages: some megabyte of text.
const packages = fileURLToPath(new URL('../node_modules/', import.meta.url));
const changeLogs = readdirSync(packages)
  .sort()
  .map((name) => `${packages}${name}/CHANGELOG.md`)
  .filter((file) => existsSync(file));

const hits = grep.stream(/unsubscrib/i, changeLogs); // nothing has begun yet

console.log('the first three, as an Observable:');
const entries = hits.pipe(
  take(3),
  map(({ text }) => text.replace(/^- |\(\[.*/g, '').trim()),
);
await entries.forEach((entry) => {
  console.log('  ', entry);
});
await tellOfSearch();

console.log('the first one, in a loop, which is a run of its own:');
for await (const { text } of hits) {
  console.log('  ', text.slice(2, 60));
  break;
}
await tellOfSearch();

async function tellOfSearch(): Promise<void> {
  const { filesRead, isClosed } = await lastSearch();
  console.log('   all files were read:', filesRead === changeLogs.length, '| closed:', isClosed);
}

// Output:
// the first three, as an Observable:
//    schedulers will no longer error while rescheduling and unsubscribing during flushes
//    **tap:** Now supports subscribe, unsubscribe, and finalize handlers
//    **debounceTime:** unschedule dangling task on unsubscribe before complete
//    all files were read: false | closed: true
// the first one, in a loop, which is a run of its own:
//    schedulers will no longer error while rescheduling and uns
//    all files were read: false | closed: true
