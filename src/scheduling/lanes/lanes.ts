/**
 * The lanes of an executor: one for each key with unsettled tasks (G19).
 *
 * A lane whose next job may be sent is in one of three heaps:
 *
 *   - `unbound`: Any worker may run the lane.
 *   - `free` of a worker: A job of the lane has started there, so the lane stays there. None of its
 *     jobs is in flight.
 *   - `full` of a worker: Jobs of the lane are in flight to it. The worker may receive the next job
 *     too, and holds it until the job before has ended.
 *
 * A lane is deleted when all of its tasks have settled and have ended on their worker.
 *
 * The lanes of actors (actor-lanes.ts) are bound to their workers, and are in heaps of their own.
 */
import type { Key } from '../../protocol/job-layout.js';
import type { Job } from '../job/job.js';
import { advanceJob, QUEUED } from '../job/job-state.js';
import type { Place } from '../job/place.js';
import { ActorLane } from './actor-lane.js';
import { ActorLanes } from './actor-lanes.js';
import { Lane, type LanePlace, type LaneWorker, placeOf } from './lane.js';
import { isBefore, LaneHeap } from './lane-heap.js';

export class Lanes {
  readonly actors = new ActorLanes();
  readonly #byKey = new Map<Key, Lane>();
  readonly #unbound = new LaneHeap<Lane>();
  /** Workers whose heaps have contained a lane, until they receive no more jobs. */
  readonly #workers = new Set<LaneWorker>();
  /** Moves a lane to the heap to which it belongs. */
  readonly offer = (lane: Lane) => this.#update(lane);
  #queued = 0;
  #lowestPriority = Number.POSITIVE_INFINITY;

  /** Number of keys with unsettled tasks. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Number of jobs that have not been sent, without those that wait for an argument. */
  get queued(): number {
    return this.#queued;
  }

  /** Number of lanes whose next job may be sent to any worker. */
  get unbound(): number {
    return this.#unbound.size;
  }

  /**
   * Number of queued jobs that wait for another job of their key. The queued calls of actors count
   * too. `startableCalls` of the dispatcher counts those that could start.
   */
  get blocked(): number {
    let startable = this.#unbound.size;
    for (const { lanes } of this.#workers) startable += lanes.free.size;
    return this.#queued - startable;
  }

  /** Lowest priority of a job that was ever enqueued. */
  get lowestPriority(): number {
    return this.#lowestPriority;
  }

  /** Highest priority of a lane that any worker may run. */
  get topPriority(): number | undefined {
    return this.#unbound.first?.priority;
  }

  /** Returns the lane of a key. Creates it if no task of the key is unsettled. */
  of(key: Key): Lane {
    let lane = this.#byKey.get(key);
    if (lane === undefined) {
      lane = new Lane(key, this.offer);
      this.#byKey.set(key, lane);
    }
    return lane;
  }

  /** Advances a job to `queued`. A job that was sent before returns to its old position. */
  enqueue(job: Job): void {
    if (job.state !== QUEUED) advanceJob(job, QUEUED);
    const { lane, isUnsent, role } = placeOf(job);
    if (job.priority < this.#lowestPriority) this.#lowestPriority = job.priority;
    this.#queued++;
    // The lane is already in its heap because of an earlier job, so this job changes nothing.
    if (isUnsent && lane.heap !== undefined) return;
    if (!isUnsent && role !== 'setup') lane.unshift(job);
    this.#update(lane);
  }

  /** Accounts for a queued job that was cancelled. */
  forget(): void {
    this.#queued--;
  }

  /** Called when the future of a job has settled. Returns true if another job may be sent now. */
  settled(given: Place): boolean {
    const place = given as LanePlace;
    const { lane } = place;
    lane.unsettled--;
    if (place.isBarrier) lane.barriers--;
    if (place.isUnsent) lane.forget();
    else if (!place.isBarrier && !lane.awaitsOthers) {
      // Only jobs behind a barrier, and the end and the next constructor of an actor, wait until a
      // sent job has settled. So the lane stays in its heap.
      if (lane.actor === undefined && lane.isOver) this.#byKey.delete(lane.key);
      return false;
    }
    this.#update(lane);
    return lane.heap !== undefined;
  }

  /** Returns the lane whose job a worker should receive next. */
  best({ lanes: { free, full } }: LaneWorker, { fromAll, canStart, canHold }: Wanted): Lane | undefined {
    let best: Lane | undefined;
    if (canStart) {
      best = free.first;
      if (fromAll) best = firstOf(best, this.#unbound.first);
    }
    return canHold ? firstOf(best, full.first) : best;
  }

  /** Takes the next job of a lane for a worker. The job stays `queued` until it is sent. */
  take(lane: Lane, worker: LaneWorker): Job {
    this.#queued--;
    if (lane.worker !== worker) {
      lane.worker = worker;
      lane.isStarted = false;
    }
    const job = lane.take();
    this.#update(lane);
    return job;
  }

  /** Withdraws a lane whose next job has to wait until no job of the lane is in flight. */
  withdraw(lane: Lane): void {
    lane.heap?.remove(lane);
  }

  /** Unbinds the lanes of workers that receive no more jobs, if none of their jobs is in flight. */
  leaveLostWorkers(): void {
    for (const worker of this.#workers) {
      if (mayKeep(worker)) continue;
      for (const lane of [...worker.lanes.free, ...worker.lanes.full]) this.#update(lane);
      if (worker.lanes.free.size + worker.lanes.full.size === 0) this.#workers.delete(worker);
    }
  }

  /** Returns the queued jobs. */
  *[Symbol.iterator](): Iterator<Job> {
    for (const lane of this.#byKey.values()) for (const job of lane) if (job.state === QUEUED) yield job;
    yield* this.actors;
  }

  /** Moves a lane to the heap to which it belongs, or deletes it. Called after each change. */
  #update(lane: Lane): void {
    if (lane instanceof ActorLane) {
      this.actors.offer(lane);
      return;
    }
    lane.heap?.remove(lane);
    const { worker } = lane;
    if (worker !== undefined && !lane.isInFlight && !(lane.isStarted && mayKeep(worker))) {
      lane.worker = undefined;
      lane.isStarted = false;
    }
    const job = lane.next;
    if (job === undefined) {
      if (lane.isOver) this.#byKey.delete(lane.key);
      return;
    }
    lane.priority = job.priority;
    lane.order = job.id;
    this.#heapFor(lane).add(lane);
  }

  #heapFor({ worker, isInFlight }: Lane): LaneHeap<Lane> {
    if (worker === undefined) return this.#unbound;
    this.#workers.add(worker);
    return isInFlight ? worker.lanes.full : worker.lanes.free;
  }
}

/** Describes the jobs that a worker can receive now, for the choice of a lane. */
export interface Wanted {
  /** The worker can start the job. */
  readonly canStart: boolean;
  /** The worker may receive a job behind another one of its lane. */
  readonly canHold: boolean;
  /** The worker may receive jobs that any worker may run. */
  readonly fromAll: boolean;
}

function firstOf(a: Lane | undefined, b: Lane | undefined): Lane | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isBefore(b, a) ? b : a;
}

/**
 * Returns true if a lane without jobs in flight may stay on the worker. A worker that is being
 * replaced keeps only the lanes of which it has jobs.
 */
function mayKeep({ state, lingers }: LaneWorker): boolean {
  return state === 'ready' && !lingers;
}
