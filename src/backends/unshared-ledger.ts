/** The base of the ledgers of backends that share no memory with their workers. */
import { LEDGER_CELLS } from '../protocol/ledger.js';
import type { SessionLedger } from './backend.js';

/**
 * A ledger that only notes what is known of each job. Its worker does not see it, so a job that was
 * sent can be cancelled by a message, but not revoked.
 */
export abstract class UnsharedLedger implements SessionLedger {
  protected readonly starts: number[] = [];

  abstract size: number;
  abstract open(slot: number): void;
  abstract upstreamSettled(slot: number): void;
  abstract stateOf(slot: number): number;
  abstract endedAt(slot: number): number;

  /** Returns false: the worker may start the job at any moment. */
  revoke(): boolean {
    return false;
  }

  /** The worker needs no memory for further jobs. */
  extend(): undefined {
    this.size += LEDGER_CELLS;
  }

  /** Does nothing: the worker receives the cancel as a message. */
  stop(): void {}

  /** Returns false: a task that is blocked learns of no cancel. */
  hasReadCancel(): boolean {
    return false;
  }

  /** Does nothing: the worker receives credit as a message. */
  openCredit(): void {}

  /** Returns false: the worker has to receive the credit as a message. */
  addCredit(): boolean {
    return false;
  }

  startedAt(slot: number): number {
    return this.starts[slot] ?? 0;
  }
}
