/**
 * This example follows many tasks: how many are done, how many failed, and the remaining time.
 *
 * Python's concurrent.futures: you write a counter in a callback, or wrap `as_completed` in a
 * progress bar such as tqdm. The bar needs the total as an argument.
 *
 * Here `progress()` counts the outcomes that `asCompleted` emits. It also receives the total from
 * `asCompleted`. For an array the total is known at once. For a generator it is the number of
 * futures yielded so far.
 */
import { asCompleted, Executor, type Future, progress } from 'rx-futures';
import { filter } from 'rxjs';

await using executor = new Executor<typeof import('./15-progress-of-many.tasks.js')>({
  tasks: new URL('./15-progress-of-many.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { work } = executor.tasks;
await executor.ready();

console.log('for an array:');
await asCompleted([1, 2, 3, 4].map((n) => work(n)))
  .pipe(progress())
  .forEach(({ done, total, rejected, eta = 0 }) => {
    console.log(`  ${done} of ${total}, ${rejected} failed, about ${Math.round(eta)} ms to go`);
  });

console.log('for a generator that submits tasks, two at a time:');
function* submissions(): Generator<Future<number>> {
  for (let n = 1; n <= 4; n++) yield work(n);
}
await asCompleted(submissions(), { concurrency: 2 })
  .pipe(progress())
  .forEach(({ done, total }) => {
    console.log(`  ${done} of ${total} so far`);
  });

console.log('with a known total, after every second outcome:');
await asCompleted(submissions(), { concurrency: 2 })
  .pipe(
    progress({ total: 4 }),
    filter(({ done }) => done % 2 === 0),
  )
  .forEach(({ done, total, last }) => {
    console.log(`  ${done} of ${total}, the last one ${last.status}`);
  });

// Output:
// for an array:
//   1 of 4, 0 failed, about <ms> ms to go
//   2 of 4, 0 failed, about <ms> ms to go
//   3 of 4, 1 failed, about <ms> ms to go
//   4 of 4, 1 failed, about <ms> ms to go
// for a generator that submits tasks, two at a time:
//   1 of 2 so far
//   2 of 3 so far
//   3 of 4 so far
//   4 of 4 so far
// with a known total, after every second outcome:
//   2 of 4, the last one fulfilled
//   4 of 4, the last one fulfilled
