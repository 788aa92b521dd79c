/**
 * Which thread runs what.
 *
 * Python's concurrent.futures runs a done callback on whichever thread settles the future. Its documentation promises
 * no more than "a thread belonging to the process that added them", and timing decides: of the callbacks of 10,000
 * instant tasks on 3 workers, 9,992 ran in a worker and 8 in the main thread (CPython 3.13). Here it is part of the
 * contract:
 *
 *   callback                    Python                                  here
 *   added before it is done     the worker that ran the task            the main thread, when the future settles
 *   added when it is done       the thread that adds it, at once        the same: the main thread, at once
 *   on cancel()                 the thread that cancels, before         the same: the main thread, before
 *                               cancel() returns                        cancel() returns
 *   must run beside the task    no way to ask for it                    chain(task): always the task's own worker
 *
 * "Main thread" is the thread that owns the executor.
 */
import { threadId } from 'node:worker_threads';
import { all, chain, Executor } from 'rx-futures';

type Tasks = typeof import('./04-which-thread.tasks.js');
const tasks = new URL('./04-which-thread.tasks.js', import.meta.url);
const mainThread = threadId;

await using executor = new Executor<Tasks>({ tasks, maxWorkers: 3 });
const { where, isSameThread } = executor.tasks;

// 10,000 instant tasks, submitted in one go: no sleeps that could hide a race.
let onMainThread = 0;
const instant = Array.from({ length: 10_000 }, () => where());
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

// What has to run beside the task is a step on the worker. It is always the same worker.
const fused = await all(Array.from({ length: 10_000 }, () => where().pipe(chain(isSameThread))));
console.log('next steps on the worker of their task:', fused.filter(Boolean).length, 'of', fused.length);

// The same under pressure: 16 tasks for 4 workers.
await using four = new Executor<Tasks>({ tasks, maxWorkers: 4 });
const pressure = await all(Array.from({ length: 16 }, () => four.tasks.where().pipe(chain(four.tasks.isSameThread))));
console.log('different:', pressure.map((isSame) => !isSame).join(' '));

// Added late, a callback runs at once, where it is added.
const order: string[] = [];
first.addDoneCallback(() => order.push(`late callback on the main thread: ${threadId === mainThread}`));
order.push('the next statement');
console.log(order.join(', then '));

// cancel() has run the callbacks when it returns.
const pending = where();
let isTold = false;
pending.addDoneCallback(({ status }) => {
  isTold = status === 'cancelled';
});
console.log('cancel():', pending.cancel(), '| its callback has run:', isTold);
console.log('cancel() again:', pending.cancel(), '| on a finished one:', first.cancel());

// Output:
// callbacks on the main thread: 10000 of 10000
// tasks on the main thread: 0
// a future knows its worker: true | not this thread: true
// next steps on the worker of their task: 10000 of 10000
// different: false false false false false false false false false false false false false false false false
// late callback on the main thread: true, then the next statement
// cancel(): true | its callback has run: true
// cancel() again: true | on a finished one: false
