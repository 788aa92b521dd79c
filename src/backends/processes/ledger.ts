/** The ledger of a child process. Without shared memory, a sent job counts as started. */
import { now } from '#platform/time';
import { CLAIMED, DONE, LEDGER_CELLS } from '../../protocol/ledger.js';
import type { SessionLedger } from '../backend.js';

export class AssumedLedger implements SessionLedger {
  readonly size = LEDGER_CELLS;
  readonly #startedAt: number[] = [];
  readonly #open = new Set<number>();

  open(slot: number): void {
    this.#startedAt[slot] = now();
    this.#open.add(slot);
  }

  upstreamSettled(slot: number): void {
    this.open(slot);
  }

  revoke(): boolean {
    return false;
  }

  stop(): void {}

  phase(slot: number): number {
    return this.#open.has(slot) ? CLAIMED : DONE;
  }

  startedAt(slot: number): number {
    return this.#startedAt[slot] ?? 0;
  }

  /** Called when the report has arrived. The exact time is not known. */
  endedAt(): number {
    return now();
  }
}
