/**
 * Decides when the reader of a stream returns credit to the source: after half of the high-water
 * mark, in values or in bytes. So the source rarely waits for a message.
 */
import type { HighWaterMark } from '../messages.js';

export class ReadCredit {
  readonly #batch: number;
  readonly #batchBytes: number;
  #values = 0;
  #bytes = 0;

  constructor({ values, bytes }: HighWaterMark) {
    this.#batch = Math.ceil(values / 2);
    this.#batchBytes = bytes / 2;
  }

  /** The reader has read one value. Returns true if credit is due. */
  readValue(): boolean {
    this.#values++;
    return this.#values >= this.#batch || this.#isHeavy;
  }

  /** The reader has read all values of a message. Returns true if credit is due. */
  readMessage(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#isHeavy;
  }

  /** Returns the number of values for which credit was not returned, and starts anew. */
  take(): number {
    const values = this.#values;
    this.#values = 0;
    this.#bytes = 0;
    return values;
  }

  get #isHeavy(): boolean {
    return this.#bytes > 0 && this.#bytes >= this.#batchBytes;
  }
}
