/**
 * This example shows done callbacks: they handle a result or an error, and follow progress.
 *
 * Python's concurrent.futures: `future.add_done_callback(fn)` calls `fn` once, with the future,
 * when the future has finished, has raised or was cancelled. Several callbacks run in the order in
 * which they were added. If the future is already done, the callback runs at once. A callback that
 * raises does not stop the others.
 *
 * Callbacks of this library do the same. Their argument is an Outcome, which holds the value or the
 * error. The callback needs no `result()`, which could raise.
 */
import { Executor, type Outcome, wait } from 'rx-futures';

await using executor = new Executor<typeof import('./03-done-callbacks.tasks.js')>({
  tasks: new URL('./03-done-callbacks.tasks.js', import.meta.url),
  maxWorkers: 2,
  onCallbackError: (error) => console.log('  reported:', String(error)),
});
const { work, fail, waitLong } = executor.tasks;

/** Prints one of the three outcomes. The compiler knows the properties of each. */
function report(outcome: Outcome<unknown>): void {
  switch (outcome.status) {
    case 'fulfilled':
      console.log('  result:', outcome.value);
      break;
    case 'rejected':
      console.log('  error:', String(outcome.reason));
      break;
    case 'cancelled':
      console.log('  cancelled, because of', outcome.reason.cause);
      break;
  }
}

console.log('called when it finished, after the output of the task:');
const finished = work(7);
finished.addDoneCallback(report);
await wait([finished]);

console.log('called when it raised:');
const failed = fail('out of range');
failed.addDoneCallback(report);
await wait([failed]);

console.log('called when it was cancelled:');
const cancelled = waitLong();
cancelled.addDoneCallback(report);
cancelled.cancel('impatience');

console.log('called in the order in which they were added, even if one of them throws:');
const several = work(8);
several.addDoneCallback(() => console.log('  first'));
several.addDoneCallback(() => {
  throw new Error('the second callback has a bug');
});
several.addDoneCallback(() => console.log('  third'));
await wait([several]);

console.log('called at once if the future is already done:');
console.log('  before');
several.addDoneCallback(() => console.log('  callback'));
console.log('  after');

console.log('called with exactly one argument:');
several.addDoneCallback((...args) => console.log(' ', args.length, Object.keys(args[0]).join(', ')));

console.log('used to follow progress:');
let done = 0;
const squares = [1, 2, 3].map((n) => executor.submit((x: number) => x * x, n));
for (const square of squares) square.addDoneCallback(() => console.log(`  ${++done} of ${squares.length}`));
await wait(squares);

console.log('not called after they are removed:');
const cube = executor.submit((x: number) => x ** 3, 3);
const remove = cube.addDoneCallback(report);
remove();
console.log('  no callback reports', await cube);

// Output:
// called when it finished, after the output of the task:
// The task is done.
//   result: 49
// called when it raised:
//   error: RangeError: out of range
// called when it was cancelled:
//   cancelled, because of impatience
// called in the order in which they were added, even if one of them throws:
// The task is done.
//   first
//   reported: Error: the second callback has a bug
//   third
// called at once if the future is already done:
//   before
//   callback
//   after
// called with exactly one argument:
//   1 status, value, future
// used to follow progress:
//   1 of 3
//   2 of 3
//   3 of 3
// not called after they are removed:
//   no callback reports 27
