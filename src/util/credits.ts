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
interface Entry {
  /** Number of values that may still be emitted. Infinity for a job that only reads streams. */
  left: number;
  /** The stream waits because of bytes. */
  isTooFarAhead: boolean;
  /** The worker has reported that the task waits. */
  isWaiting: boolean;
  isPaused: boolean;
}

export class Credits {
  /** By slot. */
  readonly #entries = new Map<number, Entry>();
  /** Number of tasks that are paused: they wait, and have released their concurrency slots. */
  paused = 0;

  open(slot: number, credit: number): void {
    this.#entries.set(slot, { left: credit, isTooFarAhead: false, isWaiting: false, isPaused: false });
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
    if (this.#entries.get(slot)?.isPaused === true) this.paused--;
    this.#entries.delete(slot);
  }

  clear(): void {
    this.#entries.clear();
    this.paused = 0;
  }

  /** Returns true if the task waits and did not wait before. */
  #update(entry: Entry): boolean {
    const wasPaused = entry.isPaused;
    entry.isPaused = entry.left === 0 || entry.isTooFarAhead || entry.isWaiting;
    if (entry.isPaused === wasPaused) return false;
    this.paused += entry.isPaused ? 1 : -1;
    return entry.isPaused;
  }
}
