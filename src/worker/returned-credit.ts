/**
 * The credit that the reader of a stream returns through shared memory. The stream takes it without
 * a turn of the event loop, so a stream with a quick reader rarely stops.
 */
import type { CreditCells } from '../protocol/ledger.js';
import { Patience } from '../protocol/mailbox/patience.js';
import type { OutgoingStream } from '../protocol/stream/outgoing-stream.js';

/**
 * Number of times that a stream without credit reads the cell before it waits. It takes some 0.05
 * ms, in which a quick reader reads a message. The clock is not used, because a test may have
 * stopped it.
 */
const READS = 5_000;

export class ReturnedCredit {
  readonly #cells: CreditCells;
  readonly #slot: number;
  readonly #patience = new Patience();

  constructor(cells: CreditCells, slot: number) {
    this.#cells = cells;
    this.#slot = slot;
  }

  /**
   * Takes credit until the stream may go on. Returns false if the stream has to wait. The next
   * credit is then a message, after which this method must be called again.
   */
  refill(outgoing: OutgoingStream): boolean {
    while (outgoing.isFull) {
      const count = this.#take();
      if (count === 0) {
        outgoing.stillWaits();
        return false;
      }
      outgoing.granted(count);
    }
    return true;
  }

  #take(): number {
    const cells = this.#cells;
    const count = cells.takeCredit(this.#slot);
    if (count === undefined) return 0;
    const more = count > 0 ? count : this.#poll();
    return more > 0 || cells.awaitCredit(this.#slot) ? more : cells.takeCredit(this.#slot)!;
  }

  #poll(): number {
    if (!this.#patience.isWorthTrying()) return 0;
    for (let i = 0; i < READS; i++) {
      const count = this.#cells.takeCredit(this.#slot)!;
      if (count === 0) continue;
      this.#patience.succeeded();
      return count;
    }
    this.#patience.failed();
    return 0;
  }
}
