/** The ledger of a queue client. Messages from the servers fill it. */

import { CLAIMED, DONE, UNCLAIMED } from '../../protocol/ledger.js';
import { UnsharedLedger } from '../unshared-ledger.js';

/**
 * Number of slots beyond the limit of the client in the queue. Paused streams, and cancelled jobs
 * that have not been reported, use these slots, because neither counts for that limit.
 */
const SPARE_SLOTS = 50_000;

export class QueueLedger extends UnsharedLedger {
  size: number;
  readonly #states: number[] = [];
  readonly #ended: number[] = [];

  /** `limit` is the maximum number of jobs that the client has in the queue at a time. */
  constructor(limit: number) {
    super();
    this.size = limit + SPARE_SLOTS;
  }

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
