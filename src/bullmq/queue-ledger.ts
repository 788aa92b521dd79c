/** What a client knows of its legs on the queue: what it was told. */
import type { SessionLedger } from '../backend/backend.js';
import { CLAIMED, DONE, SENT } from '../protocol/ledger.js';

/** Legs of one client that may be on the queue at a time. */
const SIZE = 2 ** 20;

export class QueueLedger implements SessionLedger {
  readonly size = SIZE;
  readonly #phases: number[] = [];
  readonly #begun: number[] = [];
  readonly #ended: number[] = [];

  open(slot: number): void {
    this.#phases[slot] = SENT;
  }

  /** Its beginning is told like that of any other. */
  fed(): void {}

  /** Somebody else may have begun it at any moment: it can be asked to stop, never taken back. */
  revoke(): boolean {
    return false;
  }

  /** The server of the task learns of it by a message. */
  stop(): void {}

  began(slot: number, at: number): void {
    this.#phases[slot] = CLAIMED;
    this.#begun[slot] = at;
  }

  ended(slot: number, began: number, ended: number): void {
    this.#phases[slot] = DONE;
    this.#begun[slot] = began;
    this.#ended[slot] = ended;
  }

  phase(slot: number): number {
    return this.#phases[slot] ?? SENT;
  }

  begunAt(slot: number): number {
    return this.#begun[slot] ?? 0;
  }

  endedAt(slot: number): number {
    return this.#ended[slot] ?? 0;
  }
}
