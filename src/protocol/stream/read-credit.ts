/**
 * Decides when the reader of a stream returns credit to the source: after a part of the high-water
 * mark, in values or in bytes. So the source rarely waits.
 */
import type { HighWaterMark } from '../messages.js';

/**
 * Returns true if enough values, or enough bytes, have been read to return credit. `parts` is the
 * number of parts in which the whole credit returns.
 */
export function isCreditDue(mark: HighWaterMark, parts: number, values: number, bytes: number): boolean {
  return values >= mark.values / parts || (bytes > 0 && bytes >= mark.bytes / parts);
}

/** Each part of the credit of an input is a message. */
const PARTS_OF_INPUT = 2;

/** Counts what a reader has read since it last returned credit. */
export class ReadCredit {
  readonly #mark: HighWaterMark;
  #values = 0;
  #bytes = 0;

  constructor(mark: HighWaterMark) {
    this.#mark = mark;
  }

  /** The reader has read one value. Returns true if credit is due. */
  readValue(): boolean {
    this.#values++;
    return isCreditDue(this.#mark, PARTS_OF_INPUT, this.#values, this.#bytes);
  }

  /** The reader has read all values of a message. Returns true if credit is due. */
  readMessage(bytes: number): boolean {
    this.#bytes += bytes;
    return isCreditDue(this.#mark, PARTS_OF_INPUT, this.#values, this.#bytes);
  }

  /** Returns the number of values for which credit was not returned, and starts anew. */
  take(): number {
    const values = this.#values;
    this.#values = 0;
    this.#bytes = 0;
    return values;
  }
}
