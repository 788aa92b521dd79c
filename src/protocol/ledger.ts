/**
 * The ledger: one Int32 in shared memory per leg in flight to a worker, so that "has it begun?" is never a guess, not even
 * while the worker's thread is stuck in a loop; and when it began and ended, for timeouts and statistics.
 *
 *     SENT ──claim (worker)──► CLAIMED ──finish (worker)──► DONE
 *       │                         └────stop (main)──► STOPPED ──finish (worker)──► DONE
 *       └────revoke (main)───► REVOKED
 *
 * Both moves out of SENT are one `Atomics.compareExchange`, so exactly one side wins:
 *   1. main wants a leg back (a cancel, a worker that is idle elsewhere, a death): SENT → REVOKED. It owns the leg again.
 *   2. the worker comes to the leg and wants to run it: SENT → CLAIMED. It runs it, and main is told false by `revoke`.
 * A leg may have several steps. Before each later step the worker reads the cell, and leaves the rest out if main has stopped the leg.
 * A cell is used again only when the worker has reported it (fulfilled, rejected or skipped), so a stale plan in the
 * worker's queue can never be taken for its successor.
 */
import { performance } from '../platform/time.js';

export const SENT = 0;
export const CLAIMED = 1;
export const DONE = 2;
export const REVOKED = 3;
/** It began, and main wants none of its later steps. */
export const STOPPED = 4;

/** Legs in flight to one worker at the most; with the times 160 KiB of shared memory per worker. */
export const LEDGER_CELLS = 8192;

const TIMES_AT = LEDGER_CELLS * Int32Array.BYTES_PER_ELEMENT;
const BYTES = TIMES_AT + 2 * LEDGER_CELLS * Float64Array.BYTES_PER_ELEMENT;

/** The worker's half of it. */
export interface WorkerLedger {
  /** False where nothing is shared: that a leg was cancelled is told by messages alone. */
  readonly isShared: boolean;
  claim(slot: number, now: number): boolean;
  finish(slot: number): void;
  /** Whether main has stopped the leg since the worker claimed it. */
  isStopped(slot: number): boolean;
}

export class Ledger implements WorkerLedger {
  readonly isShared = true;
  readonly size = LEDGER_CELLS;
  readonly #cells: Int32Array;
  /** When each leg was begun. Not atomic: written before the claim, read after it was seen. */
  readonly #begun: Float64Array;
  /** When it ended: written before its report is posted. */
  readonly #ended: Float64Array;

  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.#cells = new Int32Array(buffer, 0, LEDGER_CELLS);
    this.#begun = new Float64Array(buffer, TIMES_AT, LEDGER_CELLS);
    this.#ended = new Float64Array(buffer, TIMES_AT + this.#begun.byteLength, LEDGER_CELLS);
  }

  /** Main: before the leg is posted. */
  open(slot: number): void {
    Atomics.store(this.#cells, slot, SENT);
  }

  /** Main: nothing to note, the worker claims the leg itself. */
  upstreamSettled(): void {}

  /** Main: true when the leg will never run on this worker. */
  revoke(slot: number): boolean {
    return Atomics.compareExchange(this.#cells, slot, SENT, REVOKED) === SENT;
  }

  /** Main: no later step of a leg that has begun may start. */
  stop(slot: number): void {
    Atomics.compareExchange(this.#cells, slot, CLAIMED, STOPPED);
  }

  isStopped(slot: number): boolean {
    return Atomics.load(this.#cells, slot) === STOPPED;
  }

  /** Worker: true when the leg is its own to run. `now` is its own performance.now(). */
  claim(slot: number, now: number): boolean {
    this.#begun[slot] = performance.timeOrigin + now;
    return Atomics.compareExchange(this.#cells, slot, SENT, CLAIMED) === SENT;
  }

  /** Worker: the leg has ended, its report is on the way. */
  finish(slot: number): void {
    this.#ended[slot] = performance.timeOrigin + performance.now();
    Atomics.store(this.#cells, slot, DONE);
  }

  /** ms since the epoch, where it was claimed. */
  startedAt(slot: number): number {
    return this.#begun[slot]!;
  }

  /** ms since the epoch, where it is reported. */
  endedAt(slot: number): number {
    return this.#ended[slot]!;
  }

  phase(slot: number): number {
    return Atomics.load(this.#cells, slot);
  }
}
