/**
 * Which job goes to which worker, and when.
 *
 * What one tick submits is planned together, in a microtask: batches, priorities, chains that join their head, and cancels of the same tick
 * all come from that. A plan is made in five steps (`#flush`), again whenever a worker has reported:
 *
 *   1. `#makeWay`: something urgent waits, so what is less urgent and not begun comes back from the workers;
 *   2. `#relieve`: so does what waits behind a long task, to its old place in the queue;
 *   3. `#assign`: the queue is dealt out, to each worker as much as its window says (window.ts: some ms of work);
 *   4. `#rebalance`: the queue is empty and a worker idle, so it takes half of what the fullest has not begun;
 *   5. `adjust`: workers are started where work is left over.
 *
 * Sending ahead is what makes tiny tasks cheap, and the ledger makes it harmless. The race that it decides:
 *
 *   1. main has sent a, b and c to worker W; W runs a, which takes long;
 *   2. main wants b and c for another worker, and revokes c, then b, the newest first;
 *   3. at the same moment W may be done with a and claim b. Both are a compare-and-exchange of b's cell, so one of them fails: either
 *      main is told no and leaves b where it is, or W finds it revoked, skips it and says so;
 *   4. only when W has said so is the cell used again, so nothing that is still in W's hands can be taken for its successor.
 */

import type { Ending } from '../backend/backend.js';
import { outside } from '../context.js';
import { LazyValue } from '../protocol/lazy-value.js';
import {
  CANCELLED,
  type FromWorker,
  FULFILLED,
  FULFILLED_BYTES,
  REJECTED,
  SKIPPED,
  UNCLONABLE,
} from '../protocol/messages.js';
import { decodeError, type ErrorClass, encodeError, type WireError } from '../protocol/wire-error.js';
import { queueMicrotask, setTimeout } from '../time.js';
import { listOf, trace } from '../trace.js';
import { Evictions } from './eviction.js';
import { GONE, type Job, planSize, QUEUED, SENT, WAITING } from './job.js';
import { PriorityQueue } from './priority-queue.js';
import { Turn } from './turn.js';
import { STALLED_AFTER } from './window.js';
import type { Worker, WorkerListener } from './worker.js';
import { workerDied } from './worker-died.js';
import { Workforce, type WorkforceListener, type WorkforceOptions } from './workforce.js';

export interface DispatcherOptions extends WorkforceOptions {
  /** ms of grace for a task that was told to stop. */
  readonly terminateAfter: number;
  /** The user's own classes, by name, for errors that come home. */
  readonly errorClasses: Readonly<Record<string, ErrorClass>>;
}

export class Dispatcher implements WorkerListener {
  readonly workforce: Workforce;
  readonly #queue = new PriorityQueue();
  readonly #evictions: Evictions;
  readonly #errorClasses: Readonly<Record<string, ErrorClass>>;
  readonly #turn = new Turn(() => this.#flush());
  #isPlanned = false;
  #watch: NodeJS.Timeout | undefined;
  #lowestPriority = Number.POSITIVE_INFINITY;

  constructor(options: DispatcherOptions, listener: WorkforceListener) {
    this.#errorClasses = options.errorClasses;
    this.workforce = new Workforce(options, this, listener, () => this.plan());
    this.#evictions = new Evictions(options.terminateAfter, {
      takeBackAll: (worker) => {
        this.#returnUntouched([worker], 'the worker is being replaced');
        this.plan();
      },
      stuck: (worker) => this.workforce.stuck(worker),
    });
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Jobs that were accepted and are not home, without the streams that wait for their readers: their places are free. */
  get unreported(): number {
    let count = this.#queue.size;
    for (const worker of this.workforce.all) count += worker.busy;
    return count;
  }

  /** Accepts a job. Advances it to `queued`; it is sent in a microtask at the earliest. */
  enqueue(job: Job): void {
    if (job.priority < this.#lowestPriority) this.#lowestPriority = job.priority;
    this.#queue.push(job);
    this.plan();
  }

  /** The job will not be reported any more. Advances it to `gone`. */
  cancel(job: Job, reason: unknown): void {
    const { phase, worker } = job;
    job.phase = GONE;
    if (phase === QUEUED) {
      this.#queue.forget();
    } else if (phase === SENT && worker !== undefined) {
      const own = worker as Worker;
      const isRevoked = own.inFlight.takeBack(job);
      trace?.('%s: %s #%d, because its future was cancelled', own.name, isRevoked ? 'revoked' : 'aborts', job.id);
      if (isRevoked) this.plan();
      else this.#evictions.stop(own, job, reason);
    }
  }

  /**
   * Takes a job back from its worker, so that it can be sent again. Advances it to `waiting`.
   *
   * @returns false if the job has begun there
   */
  withdraw(job: Job): boolean {
    const worker = job.worker as Worker | undefined;
    if (job.phase !== SENT || worker === undefined) return true;
    if (worker.inFlight.takeBack(job)) return true;
    if (worker.hasBegun(job)) return false;
    // A process shares no memory, so a message tells it to pass the job over.
    const { slot, id, attempt } = job;
    worker.tell({ type: 'abort', slot, id, attempt, reason: encodeError(undefined, 'reason') });
    worker.inFlight.release(job);
    return true;
  }

  /** Asks for a flush at the end of this tick. */
  plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      // The microtask runs in the async context of the first submit; what a flush makes must not stay in it.
      if (!this.#turn.isOver(0)) outside(() => this.#flush());
    });
  }

  /** What has not been sent. */
  waitingJobs(): Job[] {
    return [...this.#queue];
  }

  // ── WorkerListener ────────────────────────────────────────────────────────────────────────────────────────────────

  ready(worker: Worker): void {
    this.workforce.ready(worker);
    this.#flush();
  }

  bootFailed(worker: Worker, failure: FromWorker & { type: 'boot-failed' }): void {
    this.workforce.bootFailed(worker, failure.stage, this.#decode(failure.error));
    this.plan();
  }

  reported(worker: Worker, jobs: readonly (Job | undefined)[], reports: FromWorker & { type: 'reports' }): void {
    // 1. All that came home is out of the scheduler's hands, 2. the worker gets new work, 3. callbacks run.
    for (const job of jobs) if (job !== undefined) job.phase = GONE;
    this.#evictions.reported(worker);
    this.workforce.served(worker);
    if (!this.#turn.isOver(jobs.length)) this.#flush();
    const { cells, values } = reports;
    for (let i = 0; i < jobs.length; i++) {
      const job = jobs[i];
      if (job !== undefined) this.#tell(job, cells[2 * i + 1]!, values[i]);
    }
  }

  paused(worker: Worker): void {
    this.workforce.paused(worker);
    this.plan();
  }

  faulted(worker: Worker, { error, id, name }: FromWorker & { type: 'faulted' }): void {
    worker.fault = this.#decode(error);
    this.#evictions.retire(worker, id === -1);
    const leftover = id === -1 ? undefined : { error: worker.fault, id, name };
    this.workforce.faulted(worker, leftover, this.#queue.size);
    this.plan();
  }

  cleanupFailed({ error, id, name }: FromWorker & { type: 'cleanup-failed' }): void {
    this.workforce.cleanupFailed({ error: this.#decode(error), id, name });
  }

  ended(worker: Worker, { exitCode, signal, error = worker.fault }: Ending): void {
    const ending: Ending = { exitCode, signal, error };
    const lost: Job[] = [];
    const kept: Job[] = [];
    for (const job of worker.inFlight.live()) {
      // A leg that another one feeds follows its feeder: the root comes back with its legs, or its feeder's end reaches it.
      if (!worker.hasBegun(job) && job.transfer === undefined) kept.push(job);
      else lost.push(job);
    }
    for (const job of lost) job.phase = GONE;
    // Back in the queue before anybody hears of the death: a listener that calls terminate() must find them there.
    for (const job of kept.reverse()) this.#comeBack(worker, job);
    if (kept.length > 0)
      trace?.('%s: requeued %s, because the worker ended before it started them', worker.name, listOf(kept));
    this.workforce.ended(worker, ending, { lost: lost.length, queued: this.#queue.size });
    this.plan();
    for (const job of lost) job.rejected(workerDied(worker, ending));
  }

  /** The job has not begun on the worker that ended. Advances it to `queued`, unless it has been cancelled meanwhile. */
  #comeBack(worker: Worker, job: Job): void {
    if (worker.inFlight.waiting(job.slot) !== job) return;
    job.phase = WAITING;
    job.worker = undefined;
    if (job.args !== undefined) this.#queue.putBack(job);
    else job.comeBack();
  }

  // ── planning ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #flush(): void {
    if (this.#queue.size > 0) {
      this.#makeWay();
      this.#relieve();
      this.#assign();
    }
    this.#rebalance();
    this.workforce.adjust(this.#queue.size);
  }

  /** Deals out the queue, evenly where there is less than what all workers could take. */
  #assign(): void {
    const workers = this.workforce.serving.filter((worker) => worker.room > 0).sort((a, b) => a.busy - b.busy);
    for (let i = 0; i < workers.length && this.#queue.size > 0; i++) {
      const worker = workers[i]!;
      const share = Math.ceil(this.#queue.size / (workers.length - i));
      this.#fill(worker, Math.min(worker.room, this.workforce.allowance(worker)), share);
    }
  }

  /** At most so many legs, and so many jobs: a job has several where others hang on it. */
  #fill(worker: Worker, legs: number, jobs: number): void {
    const batch: Job[] = [];
    let planned = 0;
    while (planned < legs && batch.length < jobs) {
      const job = this.#queue.take();
      if (job === undefined) break;
      if (job.transfer !== undefined && worker.busy + planned >= worker.window.concurrency) {
        // What moves with it is gone once it is posted, so it can't be taken back: it goes to a worker that begins it now.
        this.#queue.putBack(job);
        break;
      }
      batch.push(job);
      planned += planSize(job);
    }
    if (batch.length === 0) return;
    trace?.('%s: dispatched %s; queue: %d', worker.name, listOf(batch), this.#queue.size);
    worker.send(batch);
  }

  /** Something urgent waits: what is less urgent and not begun steps back behind it. */
  #makeWay(): void {
    const top = this.#queue.topPriority();
    if (top === undefined || top <= this.#lowestPriority) return;
    for (const worker of this.workforce.serving) {
      if (!worker.canTakeBack) continue;
      const lower = worker.inFlight.takeBackNewest(Number.POSITIVE_INFINITY, (job) => job.priority < top);
      if (lower.length > 0) trace?.('%s: revoked %s, because priority %d waits', worker.name, listOf(lower), top);
      for (const job of lower) this.#queue.putBack(job);
    }
  }

  /** What waits behind a long task goes back to where it was in the queue, before anything that came later is sent. */
  #relieve(): void {
    const stalled = this.workforce.serving.filter((worker) => worker.surplus > 0 && worker.isStalled());
    this.#returnUntouched(stalled, 'a long task is before them');
  }

  /** A worker with nothing to do takes half of what the fullest one has not begun, where that is worth the way. */
  #rebalance(): void {
    if (this.#queue.size > 0) return;
    for (const idle of this.workforce.serving) {
      if (idle.busy >= idle.window.concurrency || idle.room <= 0) continue;
      const fullest = this.workforce.fullest();
      if (fullest === undefined || fullest === idle) return;
      if (!isWorthStealing(fullest)) {
        this.#lookAgain();
        return;
      }
      const taken = fullest.inFlight.takeBackNewest(
        Math.min(Math.ceil(fullest.surplus / 2), this.workforce.allowance(idle)),
        undefined,
        idle.room,
      );
      if (taken.length === 0) continue;
      trace?.('%s: stole %s from %s', idle.name, listOf(taken), fullest.name);
      idle.send(taken.reverse());
    }
  }

  /** What looked quick may be stuck behind something long, and then no report will tell: a timer does. */
  #lookAgain(): void {
    if (this.#watch !== undefined) return;
    this.#watch = setTimeout(() => {
      this.#watch = undefined;
      this.#flush();
    }, STALLED_AFTER + 1).unref();
  }

  #returnUntouched(workers: readonly Worker[], reason: string): void {
    const taken = workers.flatMap((worker) => {
      const own = worker.inFlight.takeBackNewest(Number.POSITIVE_INFINITY);
      if (own.length > 0) trace?.('%s: revoked %s, because %s', worker.name, listOf(own), reason);
      return own;
    });
    // By age, the oldest last, so that it is the first in the queue.
    for (const job of taken.sort((a, b) => b.id - a.id)) this.#queue.putBack(job);
  }

  #tell(job: Job, kind: number, payload: unknown): void {
    switch (kind) {
      case FULFILLED:
        job.fulfilled(payload);
        break;
      case FULFILLED_BYTES:
        job.fulfilled(new LazyValue(payload as Uint8Array));
        break;
      case REJECTED:
        job.rejected(this.#decode(payload as WireError));
        break;
      case UNCLONABLE:
        job.unclonable(this.#decode(payload as WireError));
        break;
      case CANCELLED:
        job.cancelled(this.#decode(payload as WireError));
        break;
      case SKIPPED:
        // What feeds it failed or was cancelled; its future hears of that from its feeder's.
        break;
    }
  }

  #decode(error: WireError): unknown {
    return decodeError(error, this.#errorClasses);
  }
}

/** ms of work that a worker must have too much before an idle one takes from it: some round trips. */
const WORTH_IT = 0.5;

function isWorthStealing(worker: Worker): boolean {
  return worker.surplus > 0 && (worker.isStalled() || worker.window.timeFor(worker.surplus) > WORTH_IT);
}
