/**
 * This example shows which thread runs a task, a done callback and the next step of a chain.
 *
 * Python's concurrent.futures runs a done callback on the thread that settles the future. Its
 * documentation promises only "a thread belonging to the process that added them", so timing
 * decides. In one run of 10,000 instant tasks on 3 workers, 9,992 callbacks ran in a worker and 8
 * in the main thread (CPython 3.13).
 *
 * Here the thread is part of the contract. "Main thread" is the thread that owns the executor.
 *
 *   callback            Python                         here
 *   added before the    the worker that ran            the main thread,
 *   task is done        the task                       when the future settles
 *   added after the     the thread that                the main thread, at once
 *   task is done        adds it, at once
 *   on cancel()         the thread that cancels,       the main thread,
 *                       before cancel() returns        before cancel() returns
 *   next to the task    not possible                   chain(task): always the task's own worker
 */
import { threadId } from 'node:worker_threads';
import { all, chain, Executor } from 'rx-futures';

type Tasks = typeof import('./04-which-thread.tasks.js');
const tasks = new URL('./04-which-thread.tasks.js', import.meta.url);
const mainThread = threadId;

await using executor = new Executor<Tasks>({ tasks, maxWorkers: 3 });
const { currentThread, isSameThread } = executor.tasks;

// All 10,000 instant tasks are submitted at once, without a sleep that could hide a race.
let onMainThread = 0;
const instant = Array.from({ length: 10_000 }, () => currentThread());
for (const future of instant) {
  future.addDoneCallback(() => {
    if (threadId === mainThread) onMainThread++;
  });
}
const workers = await all(instant);
console.log('callbacks on the main thread:', onMainThread, 'of', instant.length);
console.log('tasks on the main thread:', workers.filter((id) => id === mainThread).length);
const first = instant[0]!;
console.log(
  'a future knows its worker:',
  first.threadId === workers[0],
  '| not this thread:',
  first.threadId !== threadId,
);

// Code that has to run next to the task is a step on the worker. It is always the same worker.
const chained = await all(Array.from({ length: 10_000 }, () => currentThread().pipe(chain(isSameThread))));
console.log('next steps on the worker of their task:', chained.filter(Boolean).length, 'of', chained.length);

// The same holds if tasks have to wait for a worker: 16 tasks on 4 workers.
await using four = new Executor<Tasks>({ tasks, maxWorkers: 4 });
const waiting = await all(
  Array.from({ length: 16 }, () => four.tasks.currentThread().pipe(chain(four.tasks.isSameThread))),
);
console.log('next steps on another worker:', waiting.filter((isSame) => !isSame).length, 'of', waiting.length);

// A callback that is added to a settled future runs at once, on the thread that adds it.
const order: string[] = [];
first.addDoneCallback(() => order.push(`late callback on the main thread: ${threadId === mainThread}`));
order.push('the next statement');
console.log(order.join(', then '));

// cancel() runs the callbacks before it returns.
const pending = currentThread();
let isCalled = false;
pending.addDoneCallback(({ status }) => {
  isCalled = status === 'cancelled';
});
console.log('cancel():', pending.cancel(), '| its callback has run:', isCalled);
console.log('cancel() again:', pending.cancel(), '| on a finished one:', first.cancel());

// Output:
// callbacks on the main thread: 10000 of 10000
// tasks on the main thread: 0
// a future knows its worker: true | not this thread: true
// next steps on the worker of their task: 10000 of 10000
// next steps on another worker: 0 of 16
// late callback on the main thread: true, then the next statement
// cancel(): true | its callback has run: true
// cancel() again: true | on a finished one: false
