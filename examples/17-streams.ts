/**
 * This example streams many values from one task, and stops the task when the reader unsubscribes.
 *
 * Python's concurrent.futures: a task returns one result, at its end. To send lines while it runs,
 * you need a bounded queue between the threads, an end marker, and an event that stops the
 * worker.
 *
 * Here the task is a generator function, and its stream is an Observable that a loop can also read.
 * When the reader unsubscribes or leaves the loop, the generator returns and its `finally` block
 * runs.
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
// The task may be four lines ahead of its reader, and then it waits. The default is 1,024.
const grep = executor.tasks.grep.with({ highWaterMark: 4 });

// The change logs of the installed packages are about a megabyte of text.
const packages = fileURLToPath(new URL('../node_modules/', import.meta.url));
const changeLogs = readdirSync(packages)
  .sort()
  .map((name) => `${packages}${name}/CHANGELOG.md`)
  .filter((file) => existsSync(file));

const hits = grep.stream(/unsubscrib/i, changeLogs); // the search starts with the first subscriber

console.log('the first three, as an Observable:');
const entries = hits.pipe(
  take(3),
  map(({ text }) => text.replace(/^- |\(\[.*/g, '').trim()),
);
await entries.forEach((entry) => {
  console.log('  ', entry);
});
await printSearch();

console.log('the first one, in a loop, which starts a second run:');
for await (const { text } of hits) {
  console.log('  ', text.slice(2, 60));
  break;
}
await printSearch();

async function printSearch(): Promise<void> {
  const { filesRead, isClosed } = await lastSearch();
  console.log('   all files were read:', filesRead === changeLogs.length, '| closed:', isClosed);
}

// Output:
// the first three, as an Observable:
//    schedulers will no longer error while rescheduling and unsubscribing during flushes
//    **tap:** Now supports subscribe, unsubscribe, and finalize handlers
//    **debounceTime:** unschedule dangling task on unsubscribe before complete
//    all files were read: false | closed: true
// the first one, in a loop, which starts a second run:
//    schedulers will no longer error while rescheduling and uns
//    all files were read: false | closed: true
