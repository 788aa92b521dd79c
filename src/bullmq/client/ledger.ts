/** What a client knows of its legs on the queue: what it was told. */
import type { SessionLedger } from '../../backends/backend.js';
import { CLAIMED, DONE, SENT } from '../../protocol/ledger.js';

/** Legs of one client that may be on the queue at a time. */
const SIZE = 2 ** 20;

export class QueueLedger implements SessionLedger {
  readonly size = SIZE;
  readonly #phases: number[] = [];
  readonly #started: number[] = [];
  readonly #ended: number[] = [];

  open(slot: number): void {
    this.#phases[slot] = SENT;
  }

  /** Its beginning is told like that of any other. */
  upstreamSettled(): void {}

  /** Somebody else may have begun it at any moment: it can be asked to stop, never taken back. */
  revoke(): boolean {
    return false;
  }

  /** The server of the task learns of it by a message. */
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
