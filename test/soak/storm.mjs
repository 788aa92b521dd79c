/**
 * One soak: 100,000 tasks of mixed kinds, while every few milliseconds a worker is killed, from inside or from outside, or a
 * future is cancelled. Then everything is counted. Run by run.mjs with --expose-gc, in a process of its own.
 */

import { setTimeout as delay, setImmediate as timeSlice } from 'node:timers/promises';
import { CancelledError, Executor } from 'rx-futures';
import { Book } from './book.mjs';
import { killers, kinds } from './kinds.mjs';
import { memory, settledMemory } from './memory.mjs';
import { Random } from './random.mjs';
import { cameUp, liveThreads, shootOne, shotThreads } from './threads.mjs';

const [seed, total] = process.argv.slice(2).map(Number);

/** ms. A run takes some 20 s, on a busy machine a minute; what has not settled by then never will. */
const PATIENCE = 120_000;
/** Futures pending at a time: enough to keep queues full, few enough that kills hit all through the run. */
const AHEAD = 1_500;
/** ms between two blows. */
const BEAT = 4;
/** Of the blows, those that hit a worker; the others cancel a future. A worker needs some 40 ms to come back. */
const KILLS = 0.08;
/** The part of the tasks that is run before memory is first measured. */
const WARM_UP = 0.1;
/** Killers have counters too, after those of the tasks. */
const MOST_KILLS = 10_000;
/**
 * Bytes of heap that may have come to stay. A run that leaks nothing adds 0.3 to 0.8 MB after its warm-up, however many tasks it
 * has: functions that only then became hot. Futures take some 400 bytes with their runs, so one in twenty that is kept shows.
 */
const TOLERANCE = 1_500_000;

const random = new Random(seed);
/** The last chain may go a little beyond the total. */
const FIRST_KILLER = total + 10;
const book = new Book(FIRST_KILLER + MOST_KILLS);
// Made on first use where they are pipes, and then there to stay.
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
  if (event.type === 'worker-ready') cameUp(event.threadId);
  if ('worker' in event && shotThreads.has(event.threadId)) shotWorkers.add(event.worker);
});

const guard = setTimeout(() => {
  console.log(`stuck after ${PATIENCE} ms: ${book.pending.size} futures, ${JSON.stringify(executor.stats())}`);
  for (const line of book.describePending().slice(0, 50)) console.log(`  ${line}`);
  process.exit(1);
}, PATIENCE).unref();

const began = performance.now();
let submitted = 0;
let kills = 0;
await executor.ready();
// The first tasks warm up: what is loaded, compiled and cached in them is there to stay, and no leak.
await storm(total * WARM_UP);
const before = await settledMemory();
await storm(total);

await executor.shutdown();
book.verify(shotWorkers);
const stats = executor.stats();
if (stats.pending > 0) book.faults.push(`the executor counts ${stats.pending} pending futures`);
if (Object.values(stats.workers).some((count) => count > 0)) book.faults.push(`workers left: ${JSON.stringify(stats)}`);
if (liveThreads.size > 0) book.faults.push(`${liveThreads.size} threads are alive`);
const after = await settledMemory();
if (after.heap - before.heap > TOLERANCE) book.faults.push(`${memory(after, before)} of heap has come to stay`);
clearTimeout(guard);
const left = remaining(process.getActiveResourcesInfo(), resources);
if (left.length > 0) book.faults.push(`handles left: ${left}`);

const { fulfilled, rejected, died, cancelled } = book.ends;
console.log(
  `seed ${seed}: ${submitted} tasks, ${book.futures} futures: ${fulfilled} fulfilled, ${rejected} rejected, ${died} lost with a worker, ${cancelled} cancelled. ` +
    `${spawned} workers, ${kills} killed from inside, ${shots} from outside (${book.lostAtTheGate} tasks shot at their first line), ${cancels} cancels. ` +
    `${book.reported} unobserved failures reported. Heap ${memory(after, before)}. ${((performance.now() - began) / 1000).toFixed(1)} s`,
);
for (const fault of book.faults.slice(0, 50)) console.log(`  ${fault}`);
if (book.faults.length > 50) console.log(`  … ${book.faults.length} faults in all`);
process.exitCode = book.faults.length === 0 ? 0 : 1;
process.disconnect?.();

/** Submits until there were `end` tasks, under fire, and waits for all of them. */
async function storm(end) {
  const isOver = submitAll(end);
  await strikeUntil(isOver.then(() => true));
  // What would never end has to be cancelled still.
  for (; book.pending.size > 0; await delay(BEAT)) cancelEndless();
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
    while (book.pending.size > AHEAD) await timeSlice();
  }
}

function submit(kind, tasks, index, size) {
  kind.submit({ tasks, starts: book.starts, index, size, random, track });
}

function track(future, indices, traits = {}) {
  const isWatched = random.chance(0.5);
  if (isWatched && !traits.isChained) future.subscribe({ error: () => {} });
  book.track(future, indices, { isWatched, ...traits });
}

/** A blow at every beat: to a worker, from inside or outside, or to a future. */
async function strikeUntil(over) {
  while (!(await Promise.race([over, delay(BEAT, false)]))) {
    cancelEndless();
    if (!random.chance(KILLS)) cancelOne();
    else if (random.chance(0.4)) shots += shootOne(random) ? 1 : 0;
    else if (kills < MOST_KILLS) submit(random.pick(killers), urgent, FIRST_KILLER + kills++, 1);
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
  if (!future.cancel(reason)) book.faults.push(`cancel() of a pending future (${future.name}) was false`);
  if (future.state !== 'cancelled' || book.pending.has(future))
    book.faults.push(`cancel() did not settle ${future.name} at once`);
  if (!(future.outcome?.reason instanceof CancelledError))
    book.faults.push(`${future.name} was cancelled without a CancelledError`);
}

/** What is in `now` beyond what is in `then`. */
function remaining(now, then) {
  const rest = [...then];
  return now.filter((resource) => {
    const at = rest.indexOf(resource);
    if (at === -1) return true;
    rest.splice(at, 1);
    return false;
  });
}
