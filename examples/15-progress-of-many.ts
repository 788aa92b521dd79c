/**
 * How far many tasks have come, how fast they are, and how long it is going to take.
 *
 * Python's concurrent.futures: that is a counter in a callback, or a progress bar such as tqdm around `as_completed`,
 * which has to be told the total. Here `progress()` makes it of the outcomes that `asCompleted` emits, and that tells
 * how many there will be: at once of an array, and of a generator as many as it has given so far.
 */
import { asCompleted, Executor, type Future, progress } from 'rx-futures';
import { filter } from 'rxjs';

await using executor = new Executor<typeof import('./15-progress-of-many.tasks.js')>({
  tasks: new URL('./15-progress-of-many.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { work } = executor.tasks;
await executor.ready();

console.log('of an array:');
await asCompleted([1, 2, 3, 4].map((n) => work(n)))
  .pipe(progress())
  .forEach(({ done, total, rejected, eta = 0 }) => {
    console.log(`  ${done} of ${total}, ${rejected} failed, about ${Math.round(eta)} ms to go`);
  });

console.log('of a generator that submits as it goes, two at a time:');
function* submissions(): Generator<Future<number>> {
  for (let n = 1; n <= 4; n++) yield work(n);
}
await asCompleted(submissions(), { concurrency: 2 })
  .pipe(progress())
  .forEach(({ done, total }) => {
    console.log(`  ${done} of ${total} so far`);
  });

console.log('where the total is known better, and every other one is enough:');
await asCompleted(submissions(), { concurrency: 2 })
  .pipe(
    progress({ total: 4 }),
    filter(({ done }) => done % 2 === 0),
  )
  .forEach(({ done, total, last }) => {
    console.log(`  ${done} of ${total}, the last one ${last.status}`);
  });

// Output:
// of an array:
//   1 of 4, 0 failed, about <ms> ms to go
//   2 of 4, 0 failed, about <ms> ms to go
//   3 of 4, 1 failed, about <ms> ms to go
//   4 of 4, 1 failed, about <ms> ms to go
// of a generator that submits as it goes, two at a time:
//   1 of 2 so far
//   2 of 3 so far
//   3 of 4 so far
//   4 of 4 so far
// where the total is known better, and every other one is enough:
//   2 of 4, the last one fulfilled
//   4 of 4, the last one fulfilled
