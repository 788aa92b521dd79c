/** Collects the reports of a worker and sends them in batches. */

import { performance } from '#platform/time';
import { CellWriter } from '../protocol/cell-writer.js';
import { leaveFault, unclonable } from '../protocol/clone-fault.js';
import {
  REPORT_FULFILLED,
  REPORT_FULFILLED_ENCODED,
  REPORT_REJECTED,
  REPORT_SKIPPED,
  REPORT_UNCLONABLE,
} from '../protocol/messages.js';
import { toBytes } from '../protocol/serialize.js';
import { type Added, MAX_BATCH_WAIT_MS, OutgoingBatch, unsendable } from '../protocol/stream/outgoing-batch.js';
import { unmarked } from '../protocol/transfer.js';
import { encodeError } from '../protocol/wire-error.js';
import type { HeapLimit } from './heap-limit.js';
import type { Host } from './host.js';

export class Reports {
  readonly #host: Host;
  readonly #unblocked: () => void;
  readonly #heapLimit: HeapLimit | undefined;
  /** Slot and kind of each report. The batch contains the payload of each. */
  readonly #cells = new CellWriter();
  readonly #payloads = new OutgoingBatch();
  #firstAt = 0;
  #busy = 0;
  #busySince: number | undefined;
  /**
   * True while reports wait until the output of their tasks has reached the main thread. No job may
   * start meanwhile.
   */
  isBlocked = false;

  /** `unblocked` is called when blocked reports have been sent. */
  constructor(host: Host, unblocked: () => void, heapLimit?: HeapLimit) {
    this.#host = host;
    this.#unblocked = unblocked;
    this.#heapLimit = heapLimit;
  }

  get isEmpty(): boolean {
    return this.#cells.length === 0;
  }

  fulfil(slot: number, value: unknown): void {
    let how: Added;
    try {
      how = this.#payloads.addOrEncode(value);
    } catch (error) {
      this.reject(slot, unsendable(unmarked(value), error, 'result'));
      return;
    }
    this.#addCells(slot, how === 'encoded' ? REPORT_FULFILLED_ENCODED : REPORT_FULFILLED);
    if (how === 'itself') this.flush();
  }

  /**
   * Fulfils a job whose value another job of the tree receives. The future of such a job is rarely
   * read. So the value is sent as bytes, which costs one serialization here and nothing on the main
   * thread until it is read.
   */
  fulfilLazily(slot: number, value: unknown): void {
    if (isSmall(value)) {
      this.#add(slot, REPORT_FULFILLED, value);
      return;
    }
    const sent = unmarked(value);
    try {
      const bytes = toBytes(sent);
      if (bytes.byteLength < bytes.buffer.byteLength) this.#payloads.addFinal(bytes);
      else this.#payloads.addMoved(bytes, [bytes.buffer as ArrayBuffer]);
      this.#addCells(slot, REPORT_FULFILLED_ENCODED);
    } catch {
      const fault = leaveFault(sent, 'result');
      // A value that can't be written as bytes may still be clonable (shared memory, a Blob, a
      // KeyObject). It is cloned now, because the next step receives the value itself and may
      // change it before the report is sent.
      if (fault === undefined) this.#add(slot, REPORT_FULFILLED, structuredClone(sent));
      else this.#add(slot, REPORT_UNCLONABLE, encodeError(unclonable(fault)));
    }
  }

  reject(slot: number, error: unknown): void {
    this.#add(slot, REPORT_REJECTED, encodeError(error));
  }

  skip(slot: number): void {
    this.#add(slot, REPORT_SKIPPED, undefined);
  }

  /** Records that the worker is busy from the time `now` on, which counts for its pace. */
  markBusy(now: number): void {
    this.#busySince ??= now;
  }

  markIdle(now: number): void {
    if (this.#busySince !== undefined) this.#busy += now - this.#busySince;
    this.#busySince = undefined;
  }

  isDue(now: number): boolean {
    return this.#cells.length > 0 && now - this.#firstAt > MAX_BATCH_WAIT_MS;
  }

  /** Sends all reports, after the output of their tasks. */
  flush(): void {
    if (this.isBlocked || this.#cells.length === 0) return;
    this.isBlocked = this.#host.drainOutput(() => {
      if (!this.isBlocked) return;
      this.isBlocked = false;
      this.#flushAndBlock();
      if (!this.isBlocked) this.#unblocked();
    });
    if (!this.isBlocked) this.#flushAndBlock();
  }

  #flushAndBlock(): void {
    this.flushNow();
    this.isBlocked = this.#host.drainPosts(() => {
      this.isBlocked = false;
      this.#unblocked();
    });
  }

  /** Sends all reports without waiting for output, because the thread is about to end. */
  flushNow(): void {
    if (this.#cells.length === 0) return;
    const now = performance.now();
    if (this.#busySince !== undefined) {
      this.#busy += now - this.#busySince;
      this.#busySince = now;
    }
    if (this.#heapLimit?.isReached(now)) this.#host.post({ type: 'heap-full' });
    const cells = this.#cells.take();
    const busy = this.#busy;
    this.#busy = 0;
    this.#firstAt = now;
    this.#payloads.send(
      (values, transfer, first) => {
        const isWhole = 2 * values.length === cells.length;
        const own = isWhole ? cells : cells.slice(2 * first, 2 * (first + values.length));
        this.#host.post({ type: 'reports', cells: own, values, busy: isWhole ? busy : 0 }, transfer);
      },
      (value, cause, index) => {
        const wire = encodeError(unsendable(value, cause, 'result'));
        this.#host.post({ type: 'reports', cells: [cells[2 * index]!, REPORT_REJECTED], values: [wire], busy: 0 });
        return true;
      },
    );
  }

  #add(slot: number, kind: number, payload: unknown): void {
    this.#payloads.addFinal(payload);
    this.#addCells(slot, kind);
  }

  #addCells(slot: number, kind: number): void {
    if (this.#cells.length === 0) this.#firstAt = performance.now();
    this.#cells.push(slot);
    this.#cells.push(kind);
  }
}

/** Returns true for a value that is cheaper to clone than to convert to bytes. */
function isSmall(value: unknown): boolean {
  if (value === null) return true;
  const type = typeof value;
  return (
    type === 'number' ||
    type === 'undefined' ||
    type === 'boolean' ||
    (type === 'string' && (value as string).length < 64)
  );
}
