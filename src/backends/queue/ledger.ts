/** The ledger of a queue client. Messages from the servers fill it. */

import { CLAIMED, DONE, UNCLAIMED } from '../../protocol/ledger.js';
import { UnsharedLedger } from '../unshared-ledger.js';

/**
 * Number of slots. A client has at most 1,000,000 jobs in a queue (`PLACES_IN_QUEUE` in
 * options/resolve.ts), so a slot is always free.
 */
const MAX_JOBS = 2 ** 20;

export class QueueLedger extends UnsharedLedger {
  readonly size = MAX_JOBS;
  readonly #states: number[] = [];
  readonly #ended: number[] = [];

  open(slot: number): void {
    this.#states[slot] = UNCLAIMED;
  }

  /** Does nothing: the start of a dependent job is reported by a message, like any other start. */
  upstreamSettled(): void {}

  started(slot: number, at: number): void {
    this.#states[slot] = CLAIMED;
    this.starts[slot] = at;
  }

  ended(slot: number, started: number, ended: number): void {
    this.#states[slot] = DONE;
    this.starts[slot] = started;
    this.#ended[slot] = ended;
  }

  stateOf(slot: number): number {
    return this.#states[slot] ?? UNCLAIMED;
  }

  endedAt(slot: number): number {
    return this.#ended[slot] ?? 0;
  }
}
