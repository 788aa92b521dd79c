/**
 * What done callbacks do: handle a result, handle an error, follow progress.
 *
 * Python's concurrent.futures: `future.add_done_callback(fn)` calls `fn` once, with the future, when it has finished,
 * has raised or was cancelled; several in the order in which they were added; at once where it is done already; and
 * one that raises stops no other. All of this holds here. The one argument is an Outcome, so the callback has the
 * value or the error at hand and needs no `result()` that may raise.
 */
import { Executor, type Outcome, wait } from 'rx-futures';

await using executor = new Executor<typeof import('./03-done-callbacks.tasks.js')>({
  tasks: new URL('./03-done-callbacks.tasks.js', import.meta.url),
  maxWorkers: 2,
  onCallbackError: (error) => console.log('  reported:', String(error)),
});
const { work, fail, dawdle } = executor.tasks;

/** The three endings; the compiler knows what each of them holds. */
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
const cancelled = dawdle();
cancelled.addDoneCallback(report);
cancelled.cancel('impatience');

console.log('in the order in which they were added, and one that throws stops no other:');
const several = work(8);
several.addDoneCallback(() => console.log('  first'));
several.addDoneCallback(() => {
  throw new Error('the second callback has a bug');
});
several.addDoneCallback(() => console.log('  third'));
await wait([several]);

console.log('at once, where it is done already:');
console.log('  before');
several.addDoneCallback(() => console.log('  callback'));
console.log('  after');

console.log('with exactly one argument:');
several.addDoneCallback((...args) => console.log(' ', args.length, Object.keys(args[0]).join(', ')));

console.log('to follow progress:');
let done = 0;
const squares = [1, 2, 3].map((n) => executor.submit((x: number) => x * x, n));
for (const square of squares) square.addDoneCallback(() => console.log(`  ${++done} of ${squares.length}`));
await wait(squares);

console.log('until they are removed:');
const cube = executor.submit((x: number) => x ** 3, 3);
const remove = cube.addDoneCallback(report);
remove();
console.log('  nothing is reported of', await cube);

// Output:
// called when it finished, after the output of the task:
// The task is done.
//   result: 49
// called when it raised:
//   error: RangeError: out of range
// called when it was cancelled:
//   cancelled, because of impatience
// in the order in which they were added, and one that throws stops no other:
// The task is done.
//   first
//   reported: Error: the second callback has a bug
//   third
// at once, where it is done already:
//   before
//   callback
//   after
// with exactly one argument:
//   1 status, value, future
// to follow progress:
//   1 of 3
//   2 of 3
//   3 of 3
// until they are removed:
//   nothing is reported of 27
