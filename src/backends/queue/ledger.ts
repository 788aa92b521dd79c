/** The ledger of a queue client. Messages from the servers fill it. */

import { CLAIMED, DONE, SENT } from '../../protocol/ledger.js';
import type { SessionLedger } from '../backend.js';

/** Maximum number of jobs that one client can have on the queue at a time. */
const MAX_JOBS = 2 ** 20;

export class QueueLedger implements SessionLedger {
  readonly size = MAX_JOBS;
  readonly #phases: number[] = [];
  readonly #started: number[] = [];
  readonly #ended: number[] = [];

  open(slot: number): void {
    this.#phases[slot] = SENT;
  }

  /** Does nothing: the start of a dependent job is reported by a message, like any other start. */
  upstreamSettled(): void {}

  /**
   * Returns false: a server may start the job at any moment. It can be cancelled, but not revoked.
   */
  revoke(): boolean {
    return false;
  }

  /** Does nothing: the server of the task receives the cancel as a message. */
  stop(): void {}

  started(slot: number, at: number): void {
    this.#phases[slot] = CLAIMED;
    this.#started[slot] = at;
  }

  ended(slot: number, started: number, ended: number): void {
    this.#phases[slot] = DONE;
    this.#started[slot] = started;
    this.#ended[slot] = ended;
  }

  phase(slot: number): number {
    return this.#phases[slot] ?? SENT;
  }

  startedAt(slot: number): number {
    return this.#started[slot] ?? 0;
  }

  endedAt(slot: number): number {
    return this.#ended[slot] ?? 0;
  }
}
