/** The ledger of a worker that shares no memory, as a child process has it. */
import type { SessionLedger } from '../../src/backends/backend.js';
import { CLAIMED, DONE, LEDGER_CELLS } from '../../src/protocol/ledger.js';

/** A sent job counts as started. */
export class AssumedLedger implements SessionLedger {
  size = LEDGER_CELLS;
  readonly #open = new Set<number>();

  extend(): undefined {
    this.size += LEDGER_CELLS;
  }

  open(slot: number): void {
    this.#open.add(slot);
  }

  upstreamSettled(slot: number): void {
    this.open(slot);
  }

  claim(): boolean {
    return true;
  }

  finish(): void {}

  revoke(): boolean {
    return false;
  }

  stop(): void {}

  openCredit(): void {}

  addCredit(): boolean {
    return false;
  }

  markCancelRead(): void {}

  clearCancelRead(): void {}

  hasReadCancel(): boolean {
    return false;
  }

  stateOf(slot: number): number {
    return this.#open.has(slot) ? CLAIMED : DONE;
  }

  startedAt(): number {
    return 0;
  }

  endedAt(): number {
    return 0;
  }
}
