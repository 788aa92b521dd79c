/** Names of everything in Redis that is not BullMQ's own. They begin as BullMQ's keys of the queue do, so that they share its prefix and its slot. */
export class Keys {
  readonly #queue: string;
  readonly #base: string;

  constructor(prefix: string, queue: string) {
    this.#queue = `${prefix}:${queue}`;
    this.#base = `${this.#queue}:futures`;
  }

  /** Hash: a job, as BullMQ keeps it. */
  job(id: string): string {
    return `${this.#queue}:${id}`;
  }

  /** There for as long as a machine has the job, and gives signs of life. BullMQ's own. */
  lock(id: string): string {
    return `${this.#queue}:${id}:lock`;
  }

  /** List: the jobs that machines have. BullMQ's own. */
  get active(): string {
    return `${this.#queue}:active`;
  }

  /** The settings of the machines that decide what becomes of a lost job. */
  get rules(): string {
    return `${this.#base}:rules`;
  }

  /** Stream: what a client is told of its futures. */
  inbox(client: string): string {
    return `${this.#base}:inbox:${client}`;
  }

  /** There for as long as the client is. */
  alive(client: string): string {
    return `${this.#base}:alive:${client}`;
  }

  /** Stream: what clients tell whoever has a future's task: stop, credit, "tell me too". */
  get orders(): string {
    return `${this.#base}:orders`;
  }

  /** How a future has ended. */
  end(id: number): string {
    return `${this.#base}:end:${id}`;
  }

  /** The id of a future's job, where that is not named after it: from its submit until its end has expired. */
  known(id: number): string {
    return `${this.#base}:known:${id}`;
  }
}

/** BullMQ takes no id that is a number, and no job twice: a task that its client runs again is another one. */
export function jobIdOf(root: number, attempt = 1): string {
  return attempt === 1 ? `future-${root}` : `future-${root}-${attempt}`;
}
