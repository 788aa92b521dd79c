/**
 * The bytes by which a stream is ahead of its reader. The reader grants credit as a number of
 * values. So the sizes of all values that it has not read are kept here, in the order of the
 * values.
 */
import { sizeOf } from './value-size.js';

export class ByteWindow {
  readonly #limit: number;
  /** Sizes of the values that were not read, from index `#read` on. */
  #sizes: number[] = [];
  #read = 0;
  /** Sum of the sizes that were not read. */
  #ahead = 0;
  #last = 0;

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
    this.#sizes.push(size);
    this.#ahead += size;
    this.#last = size;
    return size;
  }

  /** The reader has read the oldest `count` values. */
  read(count: number): void {
    const sizes = this.#sizes;
    const end = Math.min(this.#read + count, sizes.length);
    for (; this.#read < end; this.#read++) this.#ahead -= sizes[this.#read]!;
    if (this.#read === sizes.length) {
      this.#sizes = [];
      this.#read = 0;
    } else if (2 * this.#read > sizes.length) {
      this.#sizes = sizes.slice(this.#read);
      this.#read = 0;
    }
  }
}
