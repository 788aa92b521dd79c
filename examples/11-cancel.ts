/**
 * This example cancels tasks: waiting ones, running ones, and one that never stops by itself.
 *
 * Python's concurrent.futures: `cancel()` returns False for a running task, and nothing can stop
 * the task. An endless loop occupies its worker, and the program, forever.
 *
 * Here `cancel()` settles the future at once, whatever the task does. A task that has not started
 * never starts. A running task is notified through its signal. If it still runs after
 * `terminateAfter`, its worker is terminated and replaced by a new one.
 */
import { allSettled, chain, Executor } from 'rx-futures';
import { firstValueFrom } from 'rxjs';

await using executor = new Executor<typeof import('./11-cancel.tasks.js')>({
  tasks: new URL('./11-cancel.tasks.js', import.meta.url),
  maxWorkers: 1,
  terminateAfter: 100,
});
const { download, reasonSeen, spin, countRuns } = executor.tasks;

// A running task receives the reason through its signal.
const running = download();
await firstValueFrom(running.progress);
console.log('running:', running.state, running.cancel('the user has left'), running.state);
console.log('the reason in the task:', await reasonSeen());

// A task that is cancelled in the queue never runs, even if it is submitted in the same tick.
const queued = countRuns();
console.log('queued:', queued.cancel(), queued.state, '| runs:', await countRuns());

// An endless loop can't receive the signal. Its future settles at once, and 100 ms later the worker
// is replaced.
const endless = spin();
await firstValueFrom(endless.progress);
const behind = countRuns(); // waits behind the loop
console.log('endless:', endless.cancel(), endless.state, '| behind it:', behind.state);
console.log('on the new worker, which counts from the start:', await behind);

// A signal cancels all tasks that it was passed to.
const controller = new AbortController();
const signalled = executor.with({ signal: controller.signal });
const downloads = [signalled.tasks.download(), signalled.tasks.download(), signalled.tasks.download()];
controller.abort('enough');
const outcomes = await allSettled(downloads);
console.log('by signal:', outcomes.map(({ status }) => status).join(', '));

// A timeout counts from the moment when the task starts, and cancels the task in the same way.
const limited = await download.with({ timeout: 50 })().settled();
if (limited.status === 'rejected') console.log('by timeout:', (limited.reason as Error).name);
console.log('the reason in the task:', await reasonSeen());

// To cancel the end of a chain cancels the steps that run for it. To cancel the start cancels the
// later steps.
const start = download();
const end = start.pipe(chain(countRuns));
console.log('from the end:', end.cancel(), start.state);
const head = download();
const tail = head.pipe(chain(countRuns));
console.log('from the start:', head.cancel(), tail.state);

// A settled future can't be cancelled.
console.log('after the end:', behind.cancel(), behind.state);

// Output:
// running: running true cancelled
// the reason in the task: the user has left
// queued: true cancelled | runs: 1
// endless: true cancelled | behind it: pending
// on the new worker, which counts from the start: 1
// by signal: cancelled, cancelled, cancelled
// by timeout: TimeoutError
// the reason in the task: TimeoutError
// from the end: true cancelled
// from the start: true cancelled
// after the end: false fulfilled
