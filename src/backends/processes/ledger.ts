/** The ledger of a child process. Without shared memory, a sent job counts as started. */
import { now } from '#platform/time';
import { CLAIMED, DONE, LEDGER_CELLS } from '../../protocol/ledger.js';
import { UnsharedLedger } from '../unshared-ledger.js';

export class AssumedLedger extends UnsharedLedger {
  size = LEDGER_CELLS;
  readonly #open = new Set<number>();

  open(slot: number): void {
    this.starts[slot] = now();
    this.#open.add(slot);
  }

  upstreamSettled(slot: number): void {
    this.open(slot);
  }

  stateOf(slot: number): number {
    return this.#open.has(slot) ? CLAIMED : DONE;
  }

  /** Called when the report has arrived. The exact time is not known. */
  endedAt(): number {
    return now();
  }
}
