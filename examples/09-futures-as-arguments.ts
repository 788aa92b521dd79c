/**
 * A task takes futures where it takes values: fan-in without callbacks.
 *
 * Python's concurrent.futures: a task that calls `result()` of another one holds its worker while it waits, and when
 * all workers wait like that, none is left to run what they wait for: the pool is stuck for good. Here the arguments
 * are waited for before the task takes a worker, so that one worker is enough. A failed argument is the failure of the
 * task, which then never runs.
 */
import { Deferred, Executor } from 'rx-futures';

await using executor = new Executor<typeof import('./09-futures-as-arguments.tasks.js')>({
  tasks: new URL('./09-futures-as-arguments.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { priceOf, add } = executor.tasks;

const apple = priceOf('apple');
const bread = priceOf('bread');
console.log('basket:', await add(apple, bread));
console.log('with values in between:', await add(add(apple, 10), add(bread, apple)));

// A failure goes through, and it is the same error object. `add` was never sent to a worker.
const cake = priceOf('cake');
const party = add(apple, add(cake, bread));
const [cakeEnd, partyEnd] = [await cake.settled(), await party.settled()];
if (cakeEnd.status !== 'rejected' || partyEnd.status !== 'rejected') throw new Error('expected both to fail');
console.log('party:', String(partyEnd.reason), '| the same error:', partyEnd.reason === cakeEnd.reason);
console.log('worker of the party:', party.threadId);

// What is no task joins in as a Deferred: a click, a message, an answer from the user.
const tip = new Deferred<number>();
const bill = add(bread, tip.future);
console.log('before the answer:', bill.state);
tip.resolve(50);
console.log('bill:', await bill);

// Output:
// basket: 280
// with values in between: 320
// party: RangeError: no cake today | the same error: true
// worker of the party: undefined
// before the answer: pending
// bill: 300
