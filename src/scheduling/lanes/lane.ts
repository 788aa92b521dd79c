/**
 * A lane: the unsettled tasks of one key, in submission order. At most one of them runs at a time.
 *
 *     unsent:     [ waits for an argument, queued, queued, … ]
 *     in flight:  the tasks that were sent to `worker`, which runs them in order
 *
 * Invariants:
 *
 *   - Only the first unsent job may be sent, and only when it is queued. So a job that waits for an
 *     argument keeps its place, and later jobs wait behind it.
 *   - All jobs in flight are on one worker. The lane may move to another worker when none is.
 *   - A job that may run again is a barrier: nothing behind it is sent before it has settled.
 */
import { KEYED, type Key } from '../../protocol/job-layout.js';
import { Deque } from '../../util/deque.js';
import type { Job } from '../job/job.js';
import { GONE, QUEUED } from '../job/job-state.js';
import { mayRunAgain } from '../job/job-tree.js';
import type { JobActor, JobLane, Place } from '../job/place.js';
import type { LaneHeap, Ranked } from './lane-heap.js';

/** Number of cancelled jobs that a lane may keep among its unsent jobs, however few there are. */
const MAX_GAPS = 1_024;

/** A worker, as far as its lanes need it. */
export interface LaneWorker {
  readonly state: string;
  /** A task that was cancelled or timed out still runs, so another worker may replace this one. */
  readonly lingers: boolean;
  /** The lanes that belong to this worker and whose next job may be sent to it. */
  readonly lanes: WorkerLanes;
}

export interface WorkerLanes {
  /** Lanes without a job on the worker. */
  readonly free: LaneHeap<Lane>;
  /** Lanes with a job on the worker. The worker holds their next job until that one has ended. */
  readonly full: LaneHeap<Lane>;
}

/**
 * The place of one job in its lane. Steps that are in the job tree of another job of the lane have
 * a place too, because the tree runs as a whole.
 */
export class LanePlace implements Place {
  /** The job is among the unsent jobs of the lane. Only the lane writes it. */
  isUnsent = false;
  /** Nothing behind the job is sent before it has settled. Only the lane writes it. */
  isBarrier = false;

  constructor(readonly lane: Lane) {}

  /** A job may also construct or end an actor. */
  get role(): 'call' | 'setup' | 'end' {
    return 'call';
  }
}

export class Lane implements JobLane, Ranked {
  readonly key: Key;
  /** The worker that runs the lane. Undefined if any worker may. */
  worker: LaneWorker | undefined = undefined;
  /** A job of the lane has started on `worker`. */
  isStarted = false;
  /** Number of slots that jobs of the lane occupy on `worker`, and of root jobs among them. */
  inFlight = 0;
  roots = 0;
  /** Number of job trees that were taken for `worker` and have no slot yet. */
  taken = 0;
  /** Number of jobs that have not settled. */
  unsettled = 0;
  /** Number of unsettled jobs that are barriers. */
  barriers = 0;
  /** Number of the last scan that has counted the lane (lane-scan.ts). */
  scan = 0;
  /** The place that was assigned last. */
  last: LanePlace | undefined = undefined;
  /** The heap that contains the lane, and its index there. Only the heap writes them. */
  heap: LaneHeap<any> | undefined = undefined;
  index = -1;
  /** Priority and id of the first unsent job, while the lane is in a heap. */
  priority = 0;
  order = 0;
  #first: Job | undefined = undefined;
  /** The jobs behind the first one. Most lanes have none. */
  #rest: Deque<Job> | undefined = undefined;
  #gaps = 0;

  /** Moves the lane to the heap to which it belongs. */
  protected readonly offer: (lane: Lane) => void;

  constructor(key: Key, offer: (lane: Lane) => void) {
    this.key = key;
    this.offer = offer;
  }

  get tag(): number {
    return KEYED;
  }

  get actor(): JobActor | undefined {
    return undefined;
  }

  get concurrency(): number {
    return 1;
  }

  /** The end or the next constructor of an actor waits until other jobs have settled. */
  get awaitsOthers(): boolean {
    return false;
  }

  /** Returns a new place behind all others. The job that receives it is added with `push`. */
  join(): LanePlace {
    this.unsettled++;
    this.last = new LanePlace(this);
    return this.last;
  }

  /** Returns a place for a step in the job tree of another job of the lane. */
  joinTree(): LanePlace {
    this.unsettled++;
    return new LanePlace(this);
  }

  /** True if the lane needs no memory any more. */
  get isOver(): boolean {
    return this.unsettled === 0 && this.inFlight === 0 && this.taken === 0;
  }

  /** True if a job of the lane is on a worker, or is about to be sent there. */
  get isInFlight(): boolean {
    return this.inFlight > 0 || this.taken > 0;
  }

  /** Returns the job that may be sent next. */
  get next(): Job | undefined {
    const job = this.firstUnsent;
    if (job?.state !== QUEUED) return undefined;
    return this.barriers === 0 || placeOf(job).isBarrier ? job : undefined;
  }

  /**
   * Returns true if `job` has to wait for no other job of the lane. It is then the first one that
   * was not sent, and no other one is in flight or a barrier.
   */
  mayStart(job: object): boolean {
    return this.firstUnsent === job && !this.isInFlight && this.barriers === 0;
  }

  protected get firstUnsent(): Job | undefined {
    while (this.#first?.state === GONE) {
      this.#gaps--;
      this.#shift();
    }
    return this.#first;
  }

  /** Adds a job behind all others. It need not be queued yet. */
  push(job: Job): void {
    placeOf(job).isUnsent = true;
    if (this.#first === undefined) this.#first = job;
    else {
      this.#rest ??= new Deque();
      this.#rest.push(job);
    }
  }

  /** Returns a job to its place, which is before all jobs that have not been sent. */
  unshift(job: Job): void {
    placeOf(job).isUnsent = true;
    if (this.#first !== undefined) {
      this.#rest ??= new Deque();
      this.#rest.unshift(this.#first);
    }
    this.#first = job;
  }

  /** Takes {@link Lane.next}, the first unsent job. */
  take(): Job {
    const job = this.#first!;
    placeOf(job).isUnsent = false;
    this.#shift();
    this.taken++;
    // Jobs that run at the same time have no order that a repetition could break.
    if (this.concurrency === 1 && (placeOf(job).isBarrier || mayRunAgain(job))) this.#makeBarrier(job);
    return job;
  }

  /** Accounts for an unsent job that was cancelled. */
  forget(): void {
    this.#gaps++;
    const rest = this.#rest;
    if (rest === undefined || this.#gaps <= MAX_GAPS || this.#gaps <= rest.size / 2) return;
    this.#rest = new Deque();
    for (const job of rest) if (job.state !== GONE) this.#rest.push(job);
    this.#gaps = this.#first?.state === GONE ? 1 : 0;
  }

  // ── called by the worker ───────────────────────────────────────────────────────────────────────

  entered(isRoot: boolean): void {
    this.inFlight++;
    if (!isRoot) return;
    this.taken--;
    this.roots++;
  }

  left(isRoot: boolean, hasRun: boolean): void {
    this.inFlight--;
    if (isRoot) this.roots--;
    if (hasRun) this.isStarted = true;
    if (this.inFlight === 0) this.offer(this);
  }

  started(): void {
    this.isStarted = true;
  }

  get unsent(): Iterable<Job> {
    return this;
  }

  *[Symbol.iterator](): Iterator<Job> {
    if (this.#first !== undefined) yield this.#first;
    if (this.#rest !== undefined) yield* this.#rest;
  }

  #shift(): void {
    this.#first = this.#rest?.shift();
  }

  #makeBarrier(job: Job): void {
    if (!placeOf(job).isBarrier) {
      placeOf(job).isBarrier = true;
      this.barriers++;
    }
    for (const dependent of job.dependents ?? []) if (dependent.state !== GONE) this.#makeBarrier(dependent);
  }
}

/** The place of a job with a key. Only a lane creates places. */
export function placeOf({ place }: Job): LanePlace {
  return place as LanePlace;
}
