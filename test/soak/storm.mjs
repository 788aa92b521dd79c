/**
 * One soak: 100,000 tasks of mixed kinds. Every few milliseconds, a worker is killed from inside or
 * outside, or a future is cancelled. At the end, all outcomes are checked. run.mjs runs it with
 * --expose-gc, in a separate process.
 */

import { setTimeout as delay, setImmediate as timeSlice } from 'node:timers/promises';
import { CancelledError, Executor } from 'rx-futures';
import { Book } from './book.mjs';
import { killers, kinds } from './kinds.mjs';
import { memory, settledMemory } from './memory.mjs';
import { Random } from './random.mjs';
import { liveThreads, markReady, shootOne, shotThreads } from './threads.mjs';

const [seed, total] = process.argv.slice(2).map(Number);

/**
 * Time in ms without any outcome after which the pending futures hang. A soak as a whole takes from
 * 20 s to several minutes, depending on the machine and its load, so its duration says nothing.
 */
const PATIENCE = 30_000;
/** Maximum number of pending futures. Queues stay full, and kills are spread over the whole run. */
const MAX_PENDING = 1_500;
/** Time in ms between two strikes. */
const STRIKE_INTERVAL_MS = 4;
/**
 * Share of the strikes that kill a worker. The others cancel a future. A new worker needs about 40
 * ms.
 */
const KILLS = 0.08;
/**
 * Number of tasks that run before memory is first measured. After 2,000 of them Node 20 still
 * compiles functions: it then added 1.5 to 1.8 MB in 20,000 tasks, and 0.9 MB in 80,000.
 */
const WARM_UP = 6_000;
/** Maximum number of killer tasks. Their counters follow those of the other tasks. */
const MAX_KILLS = 10_000;
/**
 * Maximum growth of the heap in bytes. A run without a leak adds 0.3 to 0.8 MB after its warm-up,
 * for any number of tasks, because more functions are compiled. A future and its run take about 400
 * bytes, so a leak of one future in twenty is found.
 */
const TOLERANCE = 1_500_000;

const random = new Random(seed);
/** Index of the first killer. It leaves room, because the last chain may exceed the total. */
const FIRST_KILLER = total + 10;
const book = new Book(FIRST_KILLER + MAX_KILLS);
// Node creates these streams on first use. Create them before the handles are counted.
void [process.stdout, process.stderr];
const resources = process.getActiveResourcesInfo();
let shots = 0;
let cancels = 0;

const executor = new Executor({
  tasks: new URL('./tasks.mjs', import.meta.url),
  maxWorkers: 2,
  concurrency: 4,
  terminateAfter: 20,
  onUnobservedError: (error, task) => book.report(error, task),
});
const { tasks } = executor;
const urgent = executor.with({ priority: 1 }).tasks;
const shotWorkers = new Set();
let spawned = 0;
executor.events.subscribe((event) => {
  if (event.type === 'worker-spawned') spawned++;
  if (event.type === 'worker-ready') markReady(event.threadId);
  if ('worker' in event && shotThreads.has(event.threadId)) shotWorkers.add(event.worker);
});

const guard = setInterval(() => {
  if (performance.now() - book.lastOutcomeAt < PATIENCE) return;
  console.log(
    `hangs, no outcome for ${PATIENCE} ms: ${book.pending.size} futures, ${JSON.stringify(executor.stats())}`,
  );
  for (const line of book.describePending().slice(0, 50)) console.log(`  ${line}`);
  process.exit(1);
}, 1_000).unref();

const started = performance.now();
let submitted = 0;
let kills = 0;
await executor.ready();
// The first tasks are a warm-up. Code that they load, compile and cache stays in memory without
// being a leak.
await storm(Math.min(WARM_UP, total / 2));
const before = await settledMemory();
await storm(total);

await executor.shutdown();
book.verify(shotWorkers);
const stats = executor.stats();
if (stats.pending > 0) book.faults.push(`the executor counts ${stats.pending} pending futures`);
if (Object.values(stats.workers).some((count) => count > 0)) book.faults.push(`workers left: ${JSON.stringify(stats)}`);
if (liveThreads.size > 0) book.faults.push(`${liveThreads.size} threads are alive`);
const after = await settledMemory();
if (after.heap - before.heap > TOLERANCE) book.faults.push(`${memory(after, before)} of heap is retained`);
clearInterval(guard);
const left = remaining(process.getActiveResourcesInfo(), resources);
if (left.length > 0) book.faults.push(`handles left: ${left}`);

const { fulfilled, rejected, died, cancelled } = book.ends;
console.log(
  `seed ${seed}: ${submitted} tasks, ${book.futures} futures: ${fulfilled} fulfilled, ${rejected} rejected, ${died} lost with a worker, ${cancelled} cancelled. ` +
    `${spawned} workers, ${kills} killed from inside, ${shots} from outside (${book.lostBeforeStart} tasks lost before their first line), ${cancels} cancels. ` +
    `${book.reported} unhandled failures reported. Heap ${memory(after, before)}. ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
for (const fault of book.faults.slice(0, 50)) console.log(`  ${fault}`);
if (book.faults.length > 50) console.log(`  … ${book.faults.length} faults in total`);
process.exitCode = book.faults.length === 0 ? 0 : 1;
process.disconnect?.();

/** Submits until there are `end` tasks, strikes meanwhile, and waits for all tasks. */
async function storm(end) {
  const isOver = submitAll(end);
  await strikeUntil(isOver.then(() => true));
  // Cancel endless tasks that are still running.
  for (; book.pending.size > 0; await delay(STRIKE_INTERVAL_MS)) cancelEndless();
}

async function submitAll(end) {
  while (submitted < end) {
    for (let burst = 1 + random.below(200); burst > 0 && submitted < end; burst--) {
      const kind = random.pick(kinds);
      const index = submitted;
      const size = kind.size(random);
      submitted += size;
      submit(kind, tasks, index, size);
    }
    await timeSlice();
    while (book.pending.size > MAX_PENDING) await timeSlice();
  }
}

function submit(kind, tasks, index, size) {
  kind.submit({ tasks, starts: book.starts, index, size, random, track });
}

function track(future, indices, traits = {}) {
  const isWatched = random.chance(0.5);
  if (isWatched && traits.last === undefined) future.subscribe({ error: () => {} });
  book.track(future, indices, { isWatched, ...traits });
}

/** At each interval, kills a worker from inside or outside, or cancels a future. */
async function strikeUntil(over) {
  while (!(await Promise.race([over, delay(STRIKE_INTERVAL_MS, false)]))) {
    cancelEndless();
    if (!random.chance(KILLS)) cancelOne();
    else if (random.chance(0.4)) shots += shootOne(random) ? 1 : 0;
    else if (kills < MAX_KILLS) submit(random.pick(killers), urgent, FIRST_KILLER + kills++, 1);
  }
}

function cancelEndless() {
  for (const [future, { endless, indices }] of book.pending) {
    if (endless && Atomics.load(book.starts, indices[0]) > 0) cancel(future);
  }
}

function cancelOne() {
  const candidates = [...book.pending.keys()];
  const future = candidates[random.below(candidates.length)];
  if (future !== undefined) cancel(future);
}

function cancel(future) {
  cancels++;
  const reason = new Error('struck');
  if (!future.cancel(reason)) book.faults.push(`cancel() of a pending future (${future.name}) returned false`);
  if (future.state !== 'cancelled' || book.pending.has(future))
    book.faults.push(`cancel() did not settle ${future.name} at once`);
  if (!(future.outcome?.reason instanceof CancelledError))
    book.faults.push(`${future.name} was cancelled without a CancelledError`);
}

/** Returns the items of `now` that are not in `then`. */
function remaining(now, then) {
  const rest = [...then];
  return now.filter((resource) => {
    const at = rest.indexOf(resource);
    if (at === -1) return true;
    rest.splice(at, 1);
    return false;
  });
}
