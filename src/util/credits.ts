/**
 * The credits of the streams of one worker: how many values each stream may still emit.
 *
 * A stream without credit waits for its reader and releases its concurrency slot meanwhile. The
 * concurrency slot has to be free, because the reader may be waiting for another task of this
 * worker. The other task could otherwise never start, and both would wait forever.
 */
export class Credits {
  /** The credit that is left, by slot. */
  readonly #left = new Map<number, number>();
  /** Number of streams without credit. */
  paused = 0;

  open(slot: number, credit: number): void {
    this.#left.set(slot, credit);
  }

  /** Returns true if the stream has used up its credit with these values. */
  spend(slot: number, count: number): boolean {
    const before = this.#left.get(slot);
    // The job was revoked or has been reported. Its last values arrived too late.
    if (before === undefined) return false;
    const left = before - count;
    this.#left.set(slot, left);
    if (left > 0) return false;
    this.paused++;
    return true;
  }

  grant(slot: number, count: number): void {
    const left = this.#left.get(slot);
    if (left === undefined) return;
    if (left === 0) this.paused--;
    this.#left.set(slot, left + count);
  }

  /** Called when the worker has reported the slot. */
  close(slot: number): void {
    if (this.#left.size === 0) return;
    if (this.#left.get(slot) === 0) this.paused--;
    this.#left.delete(slot);
  }

  clear(): void {
    this.#left.clear();
    this.paused = 0;
  }
}
