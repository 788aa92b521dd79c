/**
 * The bytes by which a stream is ahead of its reader. The reader grants credit as a number of
 * values. So the sizes of all values that it has not read are kept here, in the order of the
 * values.
 *
 * Values of a stream are often of one size, for example numbers. Neighbours of the same size are
 * kept as one entry, so that such a stream costs no time or memory for each value.
 */
import { sizeOf } from './value-size.js';

export class ByteWindow {
  readonly #limit: number;
  /** Sizes of the values that were not read, from index `#first` on. Neighbours differ. */
  #sizes: number[] = [];
  /** Number of values of each size in `#sizes`. */
  #counts: number[] = [];
  #first = 0;
  /**
   * Size of the value that was added last. Values of that size which were not read are
   * `#lastCount`.
   */
  #last = 0;
  #lastCount = 0;
  /** Sum of the sizes that were not read. */
  #ahead = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False if the stream has no limit in bytes, so that values need not be measured. */
  get isLimited(): boolean {
    return this.#limit !== Number.POSITIVE_INFINITY;
  }

  /**
   * True if the next value may exceed the limit. Values of a stream are often of one size, so the
   * next value is expected to be as large as the last one. A value that is larger than the limit is
   * emitted when all others were read.
   */
  get isFull(): boolean {
    return this.#ahead > 0 && this.#ahead + this.#last > this.#limit;
  }

  /** Adds a value. Returns its size. */
  add(value: unknown): number {
    const size = sizeOf(value);
    if (size !== this.#last) this.#startEntry(size);
    this.#lastCount++;
    this.#ahead += size;
    return size;
  }

  /** The reader has read the oldest `count` values. */
  read(count: number): void {
    let left = count;
    const sizes = this.#sizes;
    const counts = this.#counts;
    while (left > 0 && this.#first < sizes.length) {
      const read = Math.min(left, counts[this.#first]!);
      this.#ahead -= read * sizes[this.#first]!;
      left -= read;
      counts[this.#first]! -= read;
      if (counts[this.#first] === 0) this.#first++;
    }
    if (2 * this.#first > sizes.length) this.#dropRead();
    const read = Math.min(left, this.#lastCount);
    this.#ahead -= read * this.#last;
    this.#lastCount -= read;
  }

  #startEntry(size: number): void {
    if (this.#lastCount > 0) {
      this.#sizes.push(this.#last);
      this.#counts.push(this.#lastCount);
    }
    this.#last = size;
    this.#lastCount = 0;
  }

  #dropRead(): void {
    this.#sizes = this.#sizes.slice(this.#first);
    this.#counts = this.#counts.slice(this.#first);
    this.#first = 0;
  }
}
