/**
 * What the streams of one worker may still give. A stream that has used up its credit waits for its reader, and while it does its place on the
 * worker is free: the reader may itself be waiting for a task, which would otherwise wait for the stream.
 */
export class Credits {
  /** By slot. */
  readonly #left = new Map<number, number>();
  /** Streams that wait for their readers. */
  paused = 0;

  open(slot: number, credit: number): void {
    this.#left.set(slot, credit);
  }

  /** True when the stream waits from now on. */
  spend(slot: number, count: number): boolean {
    const before = this.#left.get(slot);
    // Taken back, or reported: its last values came too late.
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

  /** The slot was reported. */
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
