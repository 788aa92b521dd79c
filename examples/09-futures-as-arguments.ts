/**
 * This example passes futures as arguments of a task, which joins their values without callbacks.
 *
 * Python's concurrent.futures: a task that calls `result()` of another task occupies its worker
 * while it waits. If all workers wait like this, no worker can run the other tasks, and the pool
 * deadlocks.
 *
 * Here the executor waits for the arguments before it dispatches the task, so one worker is enough.
 * If an argument fails, the task fails with the same error and never runs.
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

// The failure of `cake` is the failure of both sums, with the same error object. Neither `add` was
// sent to a worker.
const cake = priceOf('cake');
const party = add(apple, add(cake, bread));
const [cakeEnd, partyEnd] = [await cake.settled(), await party.settled()];
if (cakeEnd.status !== 'rejected' || partyEnd.status !== 'rejected') throw new Error('expected both to fail');
console.log('party:', String(partyEnd.reason), '| the same error:', partyEnd.reason === cakeEnd.reason);
console.log('worker of the party:', party.threadId);

// A Deferred stands for anything that is not a task: a click, a message, an answer from the user.
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
