/** Collects the numbers of a message. One memory serves all messages of a writer. */
import type { Cells } from './messages.js';

/**
 * Number of cells from which a typed array is cheaper to clone than a plain array. A shorter typed
 * array costs more, because of its header.
 */
const MIN_PACKED_CELLS = 96;
const FIRST_SIZE = 512;

export class CellWriter {
  /**
   * Integers of 32 bits, until a number needs more: a large id, or a limit of bytes. They are half
   * as large as doubles, and the receiver reads small integers.
   */
  #cells: Int32Array | Float64Array = new Int32Array(FIRST_SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length++;
    if (at === this.#cells.length) this.#grow();
    this.#cells[at] = value;
    if (this.#cells[at] !== value) this.#widen(at, value);
  }

  /** Returns the numbers, and starts with none. */
  take(): Cells {
    const length = this.#length;
    this.#length = 0;
    if (length >= MIN_PACKED_CELLS) return this.#cells.slice(0, length);
    const cells: number[] = [];
    for (let i = 0; i < length; i++) cells.push(this.#cells[i]!);
    return cells;
  }

  #grow(): void {
    const { length } = this.#cells;
    const grown = this.#cells instanceof Int32Array ? new Int32Array(2 * length) : new Float64Array(2 * length);
    grown.set(this.#cells);
    this.#cells = grown;
  }

  #widen(at: number, value: number): void {
    this.#cells = Float64Array.from(this.#cells);
    this.#cells[at] = value;
  }
}
