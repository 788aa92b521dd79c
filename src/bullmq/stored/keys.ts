/**
 * Names of the Redis keys of a queue: those of this library, and those of BullMQ that its scripts
 * read. The names of this library start with the name of BullMQ's queue, so that all keys share one
 * prefix and one hash slot.
 */
export class Keys {
  readonly #queue: string;
  readonly #base: string;

  constructor(prefix: string, queue: string) {
    this.#queue = `${prefix}:${queue}`;
    this.#base = `${this.#queue}:futures`;
  }

  /** Hash of BullMQ: the job. With an empty id: the start of the keys of all jobs. */
  job(id: string): string {
    return `${this.#queue}:${id}`;
  }

  /** Key of BullMQ that exists while a server holds the job and renews its lock. */
  lock(id: string): string {
    return `${this.#queue}:${id}:lock`;
  }

  /** List of BullMQ: the jobs that servers have claimed. */
  get active(): string {
    return `${this.#queue}:active`;
  }

  /** List of BullMQ: the jobs without a priority that wait. The oldest is the last. */
  get wait(): string {
    return `${this.#queue}:wait`;
  }

  /** Sorted set of BullMQ: the jobs with a priority that wait. */
  get prioritized(): string {
    return `${this.#queue}:prioritized`;
  }

  /** Number of BullMQ: counts the jobs with a priority, which keeps the order of equal ones. */
  get counter(): string {
    return `${this.#queue}:pc`;
  }

  /** Sorted set of BullMQ: the jobs that have failed, by the time of their end. */
  get failed(): string {
    return `${this.#queue}:failed`;
  }

  /** Hash of BullMQ: settings of the queue. */
  get meta(): string {
    return `${this.#queue}:meta`;
  }

  /** Key that exists while the queue is ranked (ranking.ts). */
  get ranked(): string {
    return `${this.#base}:ranked`;
  }

  /** Stream of BullMQ: what has happened to the jobs of the queue. */
  get events(): string {
    return `${this.#queue}:events`;
  }

  /** String: the rules of the servers for lost jobs, as JSON. */
  get rules(): string {
    return `${this.#base}:rules`;
  }

  /** Stream: the messages to a client about its futures. */
  inbox(client: string): string {
    return `${this.#base}:inbox:${client}`;
  }

  /** Key that exists while the client is alive. */
  alive(client: string): string {
    return `${this.#base}:alive:${client}`;
  }

  /** Stream: the orders of clients to the servers (cancel, credit, watch). */
  get orders(): string {
    return `${this.#base}:orders`;
  }

  /** The stored outcome of a future. */
  outcome(id: number): string {
    return `${this.#base}:outcome:${id}`;
  }

  /**
   * The id of the future's job, if the job is not named after this future. Exists from the submit
   * until the outcome has expired.
   */
  known(id: number): string {
    return `${this.#base}:known:${id}`;
  }
}
