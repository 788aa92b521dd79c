/**
 * The credits of the streams of one worker: how many values each stream may still emit.
 *
 * A stream also waits if its reader is too many bytes behind. Only the stream knows the sizes of
 * its values. So the stream reports that it waits, and how much credit it has received. If it has
 * received all credit that was granted, the stream is paused. Otherwise credit is on the way, and
 * the stream will continue or report again that it waits.
 *
 * A stream without credit waits for its reader and releases its concurrency slot meanwhile. The
 * concurrency slot has to be free, because the reader may be waiting for another task of this
 * worker. The other task could otherwise never start, and both would wait forever.
 */
export class Credits {
  /** The credit that is left, by slot. */
  readonly #left = new Map<number, number>();
  /** Slots of streams that wait because of bytes. */
  readonly #held = new Set<number>();
  /** Number of streams that wait for their readers. */
  paused = 0;

  open(slot: number, credit: number): void {
    this.#left.set(slot, credit);
  }

  /**
   * Returns true if the stream waits from now on. `held` is the credit that the stream knows of, if
   * it waits because of bytes.
   */
  spend(slot: number, count: number, held?: number): boolean {
    const before = this.#left.get(slot);
    // The job was revoked or has been reported. Its last values arrived too late.
    if (before === undefined) return false;
    const left = before - count;
    this.#left.set(slot, left);
    if (left > 0 && left !== held) return false;
    if (left > 0) this.#held.add(slot);
    this.paused++;
    return true;
  }

  grant(slot: number, count: number): void {
    const left = this.#left.get(slot);
    if (left === undefined) return;
    this.#resume(slot, left);
    this.#left.set(slot, left + count);
  }

  /** Called when the worker has reported the slot. */
  close(slot: number): void {
    if (this.#left.size === 0) return;
    this.#resume(slot, this.#left.get(slot));
    this.#left.delete(slot);
  }

  #resume(slot: number, left: number | undefined): void {
    if (this.#held.delete(slot) || left === 0) this.paused--;
  }

  clear(): void {
    this.#left.clear();
    this.#held.clear();
    this.paused = 0;
  }
}
