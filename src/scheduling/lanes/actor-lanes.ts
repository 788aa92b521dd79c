/** The actors of an executor: on which worker each one is, and which of them wait for a worker. */
import type { Job } from '../job/job.js';
import { QUEUED } from '../job/job-state.js';
import type { ActorLane } from './actor-lane.js';
import type { ActorWorker } from './worker-actors.js';

export class ActorLanes {
  readonly all = new Set<ActorLane>();
  readonly #unassigned = new Set<ActorLane>();

  /** Actors that wait for a worker, the oldest first. */
  get unassigned(): ReadonlySet<ActorLane> {
    return this.#unassigned;
  }

  add(lane: ActorLane): void {
    this.all.add(lane);
    this.#unassigned.add(lane);
  }

  assign(lane: ActorLane, worker: ActorWorker): void {
    this.#unassigned.delete(lane);
    lane.worker = worker;
    worker.actors.all.add(lane);
    this.offer(lane);
  }

  /** Called when an actor has lost its worker. It will be constructed on another one. */
  unassign(lane: ActorLane): void {
    this.#leaveWorker(lane);
    lane.isOpen = false;
    this.#unassigned.add(lane);
  }

  /**
   * Called when an actor leaves a worker that receives no more jobs. Its running calls finish
   * there, and its object stays there until the worker ends.
   */
  leave(lane: ActorLane): void {
    const worker = lane.worker as ActorWorker;
    this.#leaveWorker(lane);
    worker.actors.hasFormerDisposables ||= lane.isDisposable;
    if (!lane.isInFlight) return;
    const { inFlight } = worker;
    const countLive = () => inFlight.live().filter(({ place, hasArgs }) => place?.lane === lane && hasArgs).length;
    inFlight.moveLane(lane, lane.leaveCalls(countLive));
  }

  /** Called when the object of an actor exists. */
  open(lane: ActorLane): void {
    lane.setup = undefined;
    lane.isOpen = true;
    this.offer(lane);
  }

  /** Called when an actor has ended or died. */
  remove(lane: ActorLane): void {
    this.#leaveWorker(lane);
    this.#unassigned.delete(lane);
    this.all.delete(lane);
    lane.setup = undefined;
  }

  /** Moves a lane to the heap to which it belongs. Called after each change. */
  offer(lane: ActorLane): void {
    const worker = lane.worker as ActorWorker | undefined;
    const job = worker === undefined ? undefined : lane.next;
    if (job === undefined) {
      lane.heap?.remove(lane);
      return;
    }
    const heap = lane.hasRoom ? worker!.actors.free : worker!.actors.full;
    const { id, priority } = job;
    // Most calls are enqueued behind others, so the lane stays where it is.
    if (lane.heap === heap && lane.order === id && lane.priority === priority) return;
    lane.heap?.remove(lane);
    lane.priority = priority;
    lane.order = id;
    heap.add(lane);
  }

  /** Returns the queued jobs. */
  *[Symbol.iterator](): Iterator<Job> {
    for (const lane of this.all) {
      if (lane.setup?.state === QUEUED) yield lane.setup;
      for (const job of lane) if (job.state === QUEUED) yield job;
    }
  }

  #leaveWorker(lane: ActorLane): void {
    lane.heap?.remove(lane);
    (lane.worker as ActorWorker | undefined)?.actors.all.delete(lane);
    lane.worker = undefined;
  }
}
