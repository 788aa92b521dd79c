/**
 * Cancelling asks a task to stop, and then insists.
 *
 * Python's concurrent.futures: `cancel()` answers False for a task that runs, and nothing can stop that one; an
 * endless loop keeps its worker, and the program, for ever. Here `cancel()` settles the future at once, whatever the
 * task does. A task that hasn't begun never will. One that runs is told through its signal. One that still runs after
 * `terminateAfter` loses its worker, and a new worker takes the place.
 */
import { allSettled, chain, Executor } from 'rx-futures';
import { firstValueFrom } from 'rxjs';

await using executor = new Executor<typeof import('./11-cancel.tasks.js')>({
  tasks: new URL('./11-cancel.tasks.js', import.meta.url),
  maxWorkers: 1,
  concurrency: 2,
  terminateAfter: 100,
});
const { download, reasonSeen, spin, countRuns } = executor.tasks;

// A running task hears the reason, just as it was given.
const running = download();
await firstValueFrom(running.progress);
console.log('running:', running.state, running.cancel('the user has left'), running.state);
console.log('the task was told:', await reasonSeen());

// In the queue: it never runs, also when submit and cancel share a tick.
const queued = countRuns();
console.log('queued:', queued.cancel(), queued.state, '| runs:', await countRuns());

// An endless loop hears nothing. Its future is settled at once; 100 ms later the worker is replaced.
const endless = spin();
await firstValueFrom(endless.progress);
const behind = countRuns(); // waits behind the loop
console.log('endless:', endless.cancel(), endless.state, '| behind it:', behind.state);
console.log('on the new worker:', await behind, '| another thread:', behind.threadId !== running.threadId);

// A signal cancels everything that it was given to.
const controller = new AbortController();
const signalled = executor.with({ signal: controller.signal });
const downloads = [signalled.tasks.download(), signalled.tasks.download(), signalled.tasks.download()];
controller.abort('enough');
const ends = await allSettled(downloads);
console.log('by signal:', ends.map(({ status }) => status).join(', '));

// A limit of time counts from the moment the task begins, and stops it in the same way.
const limited = await download.with({ timeout: 50 })().settled();
if (limited.status === 'rejected') console.log('by timeout:', (limited.reason as Error).name);
console.log('the task was told:', await reasonSeen());

// Cancelling the end of a chain stops what runs for it; cancelling the start ends the rest.
const start = download();
const end = start.pipe(chain(countRuns));
console.log('from the end:', end.cancel(), start.state);
const head = download();
const tail = head.pipe(chain(countRuns));
console.log('from the start:', head.cancel(), tail.state);

// What is done is done.
console.log('after the end:', behind.cancel(), behind.state);

// Output:
// running: running true cancelled
// the task was told: the user has left
// queued: true cancelled | runs: 1
// endless: true cancelled | behind it: pending
// on the new worker: 1 | another thread: true
// by signal: cancelled, cancelled, cancelled
// by timeout: TimeoutError
// the task was told: TimeoutError
// from the end: true cancelled
// from the start: true cancelled
// after the end: false fulfilled
