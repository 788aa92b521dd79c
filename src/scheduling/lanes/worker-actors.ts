/** The actors on one worker, and those whose next job may be sent to it. */
import type { Job } from '../job/job.js';
import type { ActorLane } from './actor-lane.js';
import type { FormerCalls } from './former-calls.js';
import type { LaneWorker } from './lane.js';
import { LaneHeap } from './lane-heap.js';

/** A worker, as far as its actors need it. */
export interface ActorWorker extends LaneWorker {
  readonly actors: WorkerActors;
  readonly inFlight: { live(): Job[]; moveLane(lane: ActorLane, to: FormerCalls): void };
}

export class WorkerActors {
  readonly all = new Set<ActorLane>();
  /** Actors whose next job may start at once. It needs no concurrency slot. */
  readonly free = new LaneHeap<ActorLane>();
  /** Actors whose next job the worker holds until another one of the actor has ended. */
  readonly full = new LaneHeap<ActorLane>();

  get size(): number {
    return this.all.size;
  }

  /** An actor has left the worker, but its object is still there and must be disposed of. */
  hasFormerDisposables = false;

  /** True if objects must be disposed of before the worker ends. */
  get hasDisposables(): boolean {
    for (const { isDisposable } of this.all) if (isDisposable) return true;
    return this.hasFormerDisposables;
  }
}
