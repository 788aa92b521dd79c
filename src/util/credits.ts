/**
 * The streams of one worker that wait: for credit from their readers, or for the values of streams
 * that they read.
 *
 * A stream also waits if its reader is too many bytes behind. Only the stream knows the sizes of
 * its values. So the stream reports that it waits, and how much credit it has received. If it has
 * received all credit that was granted, the stream is paused. Otherwise credit is on the way, and
 * the stream will continue or report again that it waits.
 *
 * A task that waits releases its concurrency slot meanwhile. The concurrency slot has to be free,
 * because the task may be waiting for another task of this worker. The other task could otherwise
 * never start, and both would wait forever.
 */
interface Entry extends Pauses {
  /** Number of values that may still be emitted. Infinity for a job that only reads streams. */
  left: number;
  /** The stream waits because of bytes. */
  isTooFarAhead: boolean;
  /** The worker has reported that the task waits. */
  isWaiting: boolean;
  isPaused: boolean;
  /** False for a task without a concurrency slot. It releases none while it waits. */
  readonly hasSlot: boolean;
  /** Number of jobs in flight that run after the task, on the same worker. */
  dependents: number;
}

/** A task that may wait, with the jobs that run after it. They do not run while it waits. */
export interface Pauses {
  /** Called when another job is sent that runs after the task. */
  followed(): void;
  /** Called when the other job has ended, or will not run. */
  unfollowed(): void;
}

export class Credits {
  /** By slot. */
  readonly #entries = new Map<number, Entry>();
  /**
   * Number of jobs that occupy no concurrency slot: tasks that wait, and the jobs that run after
   * them.
   */
  paused = 0;

  open(slot: number, credit: number, hasSlot = true): Pauses {
    const entry: Entry = {
      left: credit,
      isTooFarAhead: false,
      isWaiting: false,
      isPaused: false,
      hasSlot,
      dependents: 0,
      followed: () => {
        entry.dependents++;
      },
      unfollowed: () => {
        entry.dependents--;
        if (entry.isPaused && hasSlot) this.paused--;
      },
    };
    this.#entries.set(slot, entry);
    return entry;
  }

  /** True if the task waits. */
  isPaused(slot: number): boolean {
    return this.#entries.get(slot)?.isPaused === true;
  }

  /**
   * Returns true if the stream waits from now on. `creditLeft` is the credit that the stream knows
   * of, if it waits because of bytes.
   */
  spend(slot: number, count: number, creditLeft?: number): boolean {
    const entry = this.#entries.get(slot);
    // The job was revoked or has been reported. Its last values arrived too late.
    if (entry === undefined) return false;
    entry.left -= count;
    entry.isTooFarAhead = entry.left === creditLeft;
    return this.#update(entry);
  }

  grant(slot: number, count: number): void {
    const entry = this.#entries.get(slot);
    if (entry === undefined) return;
    entry.left += count;
    entry.isTooFarAhead = false;
    this.#update(entry);
  }

  /** The worker has reported whether a task waits. Returns true if it waits from now on. */
  wait(slot: number, isWaiting: boolean): boolean {
    const entry = this.#entries.get(slot);
    if (entry === undefined) return false;
    entry.isWaiting = isWaiting;
    return this.#update(entry);
  }

  /** Called when the worker has reported the slot. */
  close(slot: number): void {
    if (this.#entries.size === 0) return;
    const entry = this.#entries.get(slot);
    if (entry === undefined) return;
    this.#pause(entry, false);
    this.#entries.delete(slot);
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#pause(entry, false);
    this.#entries.clear();
    this.paused = 0;
  }

  /** Returns true if the task waits, did not wait before, and has released its slot. */
  #update(entry: Entry): boolean {
    return this.#pause(entry, entry.left === 0 || entry.isTooFarAhead || entry.isWaiting) && entry.isPaused;
  }

  /** Returns true if this changes the number of paused jobs. */
  #pause(entry: Entry, isPaused: boolean): boolean {
    if (entry.isPaused === isPaused) return false;
    entry.isPaused = isPaused;
    if (!entry.hasSlot) return false;
    this.paused += isPaused ? 1 + entry.dependents : -1 - entry.dependents;
    return true;
  }
}
