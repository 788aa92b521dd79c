/**
 * Assigns actors to workers, and sends the jobs of actors. Such a job needs no concurrency slot, so
 * it waits for no task.
 */
import { listOf, trace } from '#platform/trace';
import type { Job } from '../job/job.js';
import { isHoldable, treeSize } from '../job/job-tree.js';
import type { ActorLane } from '../lanes/actor-lane.js';
import { isBefore, type Rank } from '../lanes/lane-heap.js';
import type { Backlog } from '../queue/backlog.js';
import type { Worker } from '../worker/worker.js';
import type { Workforce } from '../workforce/workforce.js';
import { SLOTS_FOR_TASKS } from './full-ledgers.js';

/** Maximum number of calls of one actor that are sent before those of the next actor. */
const CALLS_IN_A_ROW = 16;

export class ActorCalls {
  readonly #backlog: Backlog;
  readonly #workforce: Workforce;

  constructor(backlog: Backlog, workforce: Workforce) {
    this.#backlog = backlog;
    this.#workforce = workforce;
  }

  /**
   * Assigns each new actor to the worker with the fewest actors. An actor waits for another worker
   * if it is starting, or may be started, and all others have their share of the actors.
   */
  assign(): void {
    const { unassigned, all } = this.#backlog.lanes.actors;
    if (unassigned.size > 0) this.#assignTo(this.#workforce.shareOf(all.size));
  }

  /**
   * Assigns the actors that wait for a worker which does not start. Returns whether there were any.
   */
  assignRest(): boolean {
    const { unassigned } = this.#backlog.lanes.actors;
    const before = unassigned.size;
    if (before > 0 && !this.#workforce.isAnyStarting) this.#assignTo(Number.POSITIVE_INFINITY);
    return unassigned.size < before;
  }

  #assignTo(share: number): void {
    const { actors } = this.#backlog.lanes;
    const workers = this.#workforce.receiving.filter(({ isResponsive }) => isResponsive);
    for (const lane of actors.unassigned) {
      const worker = fewestActors(workers);
      if (worker === undefined || worker.actors.size >= share) return;
      trace?.('%s: received actor %s', worker.name, lane.actor.name);
      actors.assign(lane, worker);
    }
  }

  /** Sends the jobs that a worker can start now, and some that it holds. */
  send(dispatch: (worker: Worker, jobs: readonly Job[]) => void): void {
    const { rateLimit } = this.#backlog;
    for (const worker of this.#workforce.receiving) {
      const { free, full } = worker.actors;
      if (free.size + full.size === 0 || !worker.isResponsive) continue;
      const before = rateLimit === undefined ? undefined : this.#firstTask();
      const batch = this.#pick(worker, this.#backlog.startsAllowed, before);
      if (batch.length === 0) continue;
      trace?.('%s: dispatched %s of actors', worker.name, listOf(batch));
      dispatch(worker, batch);
    }
  }

  /** The rank of the first task that could start instead of a call. Undefined if none could. */
  #firstTask(): Rank | undefined {
    const { queue } = this.#backlog;
    const { first } = queue;
    if (first === undefined || !this.#workforce.receiving.some(({ room }) => room > 0)) return undefined;
    return { priority: first.priority, order: first.id };
  }

  #pick(worker: Worker, most: number, before: Rank | undefined): Job[] {
    const { lanes } = this.#backlog;
    const { inFlight, load } = worker;
    // A job that the worker holds would keep a permit of the rate limit.
    const mayHold = worker.canRevoke && this.#backlog.rateLimit === undefined;
    const batch: Job[] = [];
    let slots = load.freeSlots - SLOTS_FOR_TASKS;
    let calls = inFlight.calls;
    while (batch.length < most && slots > 0) {
      const lane = nextLane(worker, mayHold && calls < load.window.size);
      if (lane === undefined || (before !== undefined && isBefore(before, lane))) break;
      const job = lane.next!;
      if (!lane.hasRoom && !isHoldable(job)) {
        lanes.withdraw(lane);
        continue;
      }
      const size = treeSize(job);
      slots -= size;
      calls += size;
      batch.push(lanes.take(lane, worker));
      // The objects of one actor's calls are together in memory, so some calls follow at once.
      for (let more = 1; more < CALLS_IN_A_ROW && mayHold && calls < load.window.size; more++) {
        const next = lane.next;
        if (next === undefined || !isHoldable(next)) break;
        slots--;
        calls++;
        batch.push(lanes.take(lane, worker));
      }
    }
    return batch;
  }
}

function nextLane({ actors: { free, full } }: Worker, canHold: boolean): ActorLane | undefined {
  const { first } = free;
  const held = canHold ? full.first : undefined;
  if (first === undefined || held === undefined) return first ?? held;
  return isBefore(held, first) ? held : first;
}

function fewestActors(workers: readonly Worker[]): Worker | undefined {
  let fewest: Worker | undefined;
  for (const worker of workers) if (fewest === undefined || worker.actors.size < fewest.actors.size) fewest = worker;
  return fewest;
}
