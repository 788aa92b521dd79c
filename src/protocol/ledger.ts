/**
 * The ledger: one Int32 in shared memory for each job in flight to a worker. It shows exactly
 * whether a job has started, even while the thread of the worker is blocked by a loop. It also
 * holds the start and end of each job, for time limits and statistics.
 *
 *     UNCLAIMED ──claim (worker)──► CLAIMED ──finish (worker)──► DONE
 *       │                              └────stop (main)──► STOPPED ──finish (worker)──► DONE
 *       └───────revoke (main)─────► REVOKED
 *
 * Both moves out of UNCLAIMED are one `Atomics.compareExchange`, so exactly one side wins:
 *
 *   1. The main thread moves UNCLAIMED to REVOKED, because the job was cancelled, another worker is
 *      idle, or this worker has ended. The job belongs to the main thread again.
 *   2. The worker reaches the job and moves UNCLAIMED to CLAIMED. The worker runs the job, and
 *      `revoke` returns false.
 *
 * A job may have several steps. The worker reads the cell before each later step and skips the
 * remaining steps if the main thread has stopped the job.
 *
 * A cell is used again only after the worker has reported its job as fulfilled, rejected or
 * skipped. So an old job in the queue of the worker can't be mistaken for the next job in the cell.
 * The cells of a batch that could not be posted are free at once, because the worker has none of
 * its jobs.
 *
 * STOPPED is also the cancel mark that a task reads in the middle of synchronous code. A task that
 * has read the mark has its slot marked as well, so that the main thread waits longer for it.
 */
import { performance } from '#platform/time';

export const UNCLAIMED = 0;
export const CLAIMED = 1;
export const DONE = 2;
export const REVOKED = 3;
/** The job has started, and the main thread has cancelled its later steps. */
export const STOPPED = 4;

/**
 * Number of cells of a page, a power of 2. A ledger has one page until more jobs wait on its worker
 * than fit. With the start, the end, the mark and the credit of each job, a page takes 200 KiB of
 * shared memory.
 */
export const LEDGER_CELLS = 8192;
const CELL_MASK = LEDGER_CELLS - 1;

const TIMES_AT = LEDGER_CELLS * Int32Array.BYTES_PER_ELEMENT;
const CANCEL_READS_AT = TIMES_AT + 2 * LEDGER_CELLS * Float64Array.BYTES_PER_ELEMENT;
const CREDIT_AT = CANCEL_READS_AT + LEDGER_CELLS;
const BYTES = CREDIT_AT + LEDGER_CELLS * Int32Array.BYTES_PER_ELEMENT;

/** Credit of a stream that waits for a message. */
const WAITING = -1;

/** Memory for further jobs, which both sides share. `page` is 1 for the second page. */
export interface LedgerPage {
  readonly page: number;
  readonly memory: SharedArrayBuffer;
}

/** The worker's side of the ledger. */
export interface WorkerLedger {
  /** False if no memory is shared. Cancellations then arrive only as messages. */
  readonly isShared: boolean;
  /** Adds memory that the main thread has added. */
  add(page: LedgerPage): void;
  claim(slot: number, now: number): boolean;
  finish(slot: number): void;
  /** Returns true if the main thread has stopped the job after the worker claimed it. */
  isStopped(slot: number): boolean;
  /**
   * Marks the slot of a task that reads whether it was stopped. Called once per task, before the
   * read.
   */
  markCancelRead(slot: number): void;
  /**
   * Returns the credit that the reader of a stream has returned, and sets it to 0. Returns
   * undefined if no memory is shared.
   */
  takeCredit(slot: number): number | undefined;
  /** Announces that a stream waits for a message with credit. Returns false if there is credit. */
  awaitCredit(slot: number): boolean;
  /** Removes the mark of {@link WorkerLedger.markCancelRead}. Called before the job is reported. */
  clearCancelRead(slot: number): void;
}

/** The part of a ledger that passes on the credit of streams. */
export type CreditCells = Pick<WorkerLedger, 'takeCredit' | 'awaitCredit'>;

/** Cells of a reader that returns credit only by messages. */
export const NO_CREDIT_CELLS: CreditCells = { takeCredit: () => undefined, awaitCredit: () => true };

/** The memory of LEDGER_CELLS jobs. */
class Page {
  readonly cells: Int32Array;
  /**
   * Start of each job. It needs no atomic access, because it is written before the claim and read
   * after the claim was seen.
   */
  readonly startedAt: Float64Array;
  /** End of each job. It is written before the report is posted. */
  readonly endedAt: Float64Array;
  /** 1 at the slots of running tasks that have read whether they were stopped. */
  readonly cancelReads: Uint8Array;

  /** Credit that was returned to the stream in each slot and was not taken, or WAITING. */
  readonly credit: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.cells = new Int32Array(buffer, 0, LEDGER_CELLS);
    this.startedAt = new Float64Array(buffer, TIMES_AT, LEDGER_CELLS);
    this.endedAt = new Float64Array(buffer, TIMES_AT + this.startedAt.byteLength, LEDGER_CELLS);
    this.cancelReads = new Uint8Array(buffer, CANCEL_READS_AT, LEDGER_CELLS);
    this.credit = new Int32Array(buffer, CREDIT_AT, LEDGER_CELLS);
  }
}

export class Ledger implements WorkerLedger {
  readonly isShared = true;
  readonly #first: Page;
  /** The pages after the first one. Most ledgers have none. */
  readonly #others: Page[] = [];

  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.#first = new Page(buffer);
  }

  /** Number of slots. */
  get size(): number {
    return LEDGER_CELLS * (1 + this.#others.length);
  }

  /** Main thread: adds a page. The worker must receive it before the jobs of the page. */
  extend(): LedgerPage {
    const memory = new SharedArrayBuffer(BYTES);
    this.#others.push(new Page(memory));
    return { page: this.#others.length, memory };
  }

  /** Worker: adds a page that the main thread has added. */
  add({ page, memory }: LedgerPage): void {
    // With the inline backend both sides have the same ledger, which has the page already.
    this.#others[page - 1] ??= new Page(memory);
  }

  /** Main thread: marks the slot as unclaimed. Called before the job is posted. */
  open(slot: number): void {
    Atomics.store(this.#pageOf(slot).cells, slot & CELL_MASK, UNCLAIMED);
  }

  /** Main thread: does nothing, because the worker claims the job itself. */
  upstreamSettled(): void {}

  /** Main thread: returns true if the job will never run on this worker. */
  revoke(slot: number): boolean {
    const { cells } = this.#pageOf(slot);
    return Atomics.compareExchange(cells, slot & CELL_MASK, UNCLAIMED, REVOKED) === UNCLAIMED;
  }

  /**
   * Main thread: prevents a started job from starting its later steps, and shows its task that it
   * was stopped.
   */
  stop(slot: number): void {
    Atomics.compareExchange(this.#pageOf(slot).cells, slot & CELL_MASK, CLAIMED, STOPPED);
  }

  isStopped(slot: number): boolean {
    return this.stateOf(slot) === STOPPED;
  }

  /**
   * Worker: returns true if the worker may run the job. `now` is the worker's `performance.now()`.
   */
  claim(slot: number, now: number): boolean {
    const { cells, startedAt } = this.#pageOf(slot);
    const cell = slot & CELL_MASK;
    startedAt[cell] = performance.timeOrigin + now;
    return Atomics.compareExchange(cells, cell, UNCLAIMED, CLAIMED) === UNCLAIMED;
  }

  /** Worker: marks the job as finished. Called before its report is posted. */
  finish(slot: number): void {
    const { cells, endedAt } = this.#pageOf(slot);
    const cell = slot & CELL_MASK;
    endedAt[cell] = performance.timeOrigin + performance.now();
    Atomics.store(cells, cell, DONE);
  }

  markCancelRead(slot: number): void {
    Atomics.store(this.#pageOf(slot).cancelReads, slot & CELL_MASK, 1);
  }

  clearCancelRead(slot: number): void {
    Atomics.store(this.#pageOf(slot).cancelReads, slot & CELL_MASK, 0);
  }

  /** Main thread: returns true if the running task has read whether it was stopped. */
  hasReadCancel(slot: number): boolean {
    return Atomics.load(this.#pageOf(slot).cancelReads, slot & CELL_MASK) === 1;
  }

  /** Main thread: removes the credit of the stream before. Called before the job is posted. */
  openCredit(slot: number): void {
    Atomics.store(this.#pageOf(slot).credit, slot & CELL_MASK, 0);
  }

  /**
   * Main thread: returns credit to the stream in the slot. Returns false if the stream waits for a
   * message, which has to contain the credit.
   */
  addCredit(slot: number, count: number): boolean {
    const { credit } = this.#pageOf(slot);
    const cell = slot & CELL_MASK;
    let before = Atomics.load(credit, cell);
    for (;;) {
      const after = before === WAITING ? 0 : before + count;
      const seen = Atomics.compareExchange(credit, cell, before, after);
      if (seen === before) return before !== WAITING;
      before = seen;
    }
  }

  takeCredit(slot: number): number {
    const { credit } = this.#pageOf(slot);
    const cell = slot & CELL_MASK;
    return Atomics.load(credit, cell) <= 0 ? 0 : Atomics.exchange(credit, cell, 0);
  }

  awaitCredit(slot: number): boolean {
    return Atomics.compareExchange(this.#pageOf(slot).credit, slot & CELL_MASK, 0, WAITING) <= 0;
  }

  /** Start in ms since the epoch. Valid only if the job was claimed. */
  startedAt(slot: number): number {
    return this.#pageOf(slot).startedAt[slot & CELL_MASK]!;
  }

  /** End in ms since the epoch. Valid only if the job was reported. */
  endedAt(slot: number): number {
    return this.#pageOf(slot).endedAt[slot & CELL_MASK]!;
  }

  /** State of the cell: one of the constants above. */
  stateOf(slot: number): number {
    return Atomics.load(this.#pageOf(slot).cells, slot & CELL_MASK);
  }

  #pageOf(slot: number): Page {
    return slot < LEDGER_CELLS ? this.#first : this.#others[Math.floor(slot / LEDGER_CELLS) - 1]!;
  }
}
