/**
 * A value that tasks share, as the scheduler sees it. Workers receive it before their first job
 * that needs it. It is freed when it is disposed of and no job uses it.
 *
 *     kept ──► disposed ──► freed
 *
 * A job uses the value from its submit until its future has settled. A job that is cancelled while
 * it runs has received the value already, so the worker may free its entry.
 */

/** A worker that has a copy of the value. */
export interface SharedHolder {
  /** Frees the copy. */
  unshare(data: SharedData): void;
}

/** A shared value among the arguments of a job. The argument at `position` is the value's id. */
export interface SharedArgument {
  readonly position: number;
  readonly data: SharedData;
}

export class SharedData {
  readonly id: number;
  readonly name: string;
  #value: unknown;
  #uses = 0;
  #isDisposed = false;
  #isFreed = false;
  readonly #holders = new Set<SharedHolder>();
  readonly #freed: (data: SharedData) => void;

  /** `freed` is called once, when the value is freed. */
  constructor(id: number, name: string, value: unknown, freed: (data: SharedData) => void) {
    this.id = id;
    this.name = name;
    this.#value = value;
    this.#freed = freed;
  }

  /** The copy that is sent to workers. */
  get value(): unknown {
    return this.#value;
  }

  /** Number of jobs that use the value. */
  get uses(): number {
    return this.#uses;
  }

  /** Number of workers that have a copy. */
  get copies(): number {
    return this.#holders.size;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /**
   * Counts a use of the value. The value is kept until {@link SharedData.release} was called as
   * often.
   */
  use(): void {
    this.#uses++;
  }

  /** Advances the value to `freed` if it is disposed of and this was its last use. */
  release(): void {
    this.#uses--;
    this.#freeIfUnused();
  }

  /** Advances the value to `disposed`, and to `freed` if no job uses it. */
  dispose(): void {
    this.#isDisposed = true;
    this.#freeIfUnused();
  }

  sentTo(holder: SharedHolder): void {
    this.#holders.add(holder);
  }

  /** Called when a worker with a copy has ended. */
  lostBy(holder: SharedHolder): void {
    this.#holders.delete(holder);
  }

  #freeIfUnused(): void {
    if (!this.#isDisposed || this.#uses > 0 || this.#isFreed) return;
    this.#isFreed = true;
    this.#value = undefined;
    for (const holder of this.#holders) holder.unshare(this);
    this.#holders.clear();
    this.#freed(this);
  }
}
