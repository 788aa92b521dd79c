/** Limits the tasks that an engine accepts, and the tasks that it holds before they can run. */
import type { Traits } from '../backends/backend.js';
import { QueueFullError } from '../errors.js';
import type { Dispatcher } from '../scheduling/dispatcher.js';
import type { Job } from '../scheduling/job/job.js';
import { placeOf } from '../scheduling/lanes/lane.js';

/**
 * Maximum prefetch for very short tasks. More is not faster, and each prefetched task holds its
 * input.
 */
const MAX_PREFETCH = 4_096;

/** Maximum prefetch on a queue, where the number of concurrency slots is unknown. */
const MAX_QUEUE_PREFETCH = 1_024;

interface CapacityOptions {
  readonly name: string;
  readonly maxQueue: number;
  readonly maxWorkers: number;
  readonly config: { readonly concurrency: number };
}

export class Capacity {
  readonly #options: CapacityOptions;
  readonly #traits: Traits;
  readonly #dispatcher: Dispatcher;

  constructor(options: CapacityOptions, traits: Traits, dispatcher: Dispatcher) {
    this.#options = options;
    this.#traits = traits;
    this.#dispatcher = dispatcher;
  }

  /**
   * Maximum number of tasks in flight if inputs arrive one by one: two for each concurrency slot.
   * If the tasks are short, the limit is twice the windows of all workers, up to MAX_PREFETCH. The
   * servers of a queue have no known number of slots, so its limit is MAX_QUEUE_PREFETCH.
   */
  get prefetchLimit(): number {
    const { maxQueue } = this.#options;
    if (!this.#traits.hasKnownCapacity) return Math.min(MAX_QUEUE_PREFETCH, Math.max(1, maxQueue));
    let windows = 0;
    for (const worker of this.#dispatcher.workforce.receiving) windows += worker.window.size;
    const wanted = Math.max(2 * this.#concurrencySlots, Math.min(2 * windows, MAX_PREFETCH));
    if (maxQueue === Number.POSITIVE_INFINITY) return wanted;
    // Tasks beyond `maxQueue` would be refused.
    return Math.min(wanted, Math.max(1, this.#startable(this.#concurrencySlots) + maxQueue));
  }

  /** Returns the error for a job that would exceed `maxQueue`; undefined if there is room. */
  refusal(job: Job): QueueFullError | undefined {
    const { name, maxQueue } = this.#options;
    if (maxQueue === Number.POSITIVE_INFINITY) return undefined;
    const concurrencySlots = this.#traits.hasKnownCapacity ? this.#concurrencySlots : 0;
    const { queued, held, unreported, replaced, startableCalls } = this.#dispatcher;
    if (job.place?.lane.actor !== undefined && needsNoRoom(job)) return undefined;
    // Replacement workers run other tasks while some tasks linger. At most `maxWorkers` workers
    // replace others.
    const free = concurrencySlots + Math.min(replaced, concurrencySlots) - (unreported - queued);
    const startable = Math.min(this.#startable(free), this.#unblocked(job));
    if (queued + held - startableCalls < maxQueue + startable) return undefined;
    return new QueueFullError(
      `Executor "${name}" already has ${maxQueue} waiting tasks, the limit of maxQueue. Submit again after some tasks have settled, or increase maxQueue.`,
    );
  }

  /**
   * Returns the number of waiting tasks, including the new one. Calls of actors do not count, and
   * neither do tasks that wait for another task of their key.
   */
  #unblocked(job: Job): number {
    const { queued, blocked } = this.#dispatcher;
    return queued - blocked + (job.place?.lane.mayStart(job) === false ? 0 : 1);
  }

  /** Returns how many tasks may start if that many concurrency slots are free: none in a pause. */
  #startable(free: number): number {
    return Math.min(free, this.#dispatcher.startsAllowed);
  }

  get #concurrencySlots(): number {
    return this.#options.maxWorkers * this.#options.config.concurrency;
  }
}

/** A job of an actor needs no room if it starts at once, or constructs or ends the actor. */
function needsNoRoom(job: Job): boolean {
  const { role, lane } = placeOf(job);
  return role !== 'call' || lane.mayStart(job);
}
