/** Collects the reports of a worker and sends them in batches. */

import { performance } from '../platform/time.js';
import { copyBytes, isBytes } from '../protocol/bytes.js';
import { explainUnclonable, leaveFault, unclonable } from '../protocol/clone-fault.js';
import {
  type FromWorker,
  FULFILLED,
  FULFILLED_BYTES,
  pack,
  REJECTED,
  SKIPPED,
  UNCLONABLE,
} from '../protocol/messages.js';
import { copyPlain, isImmutable, NOT_PLAIN } from '../protocol/plain.js';
import { refusePorts } from '../protocol/ports.js';
import { toBytes } from '../protocol/serialize.js';
import { isTransferred, type Transferable, unmarked } from '../protocol/transfer.js';
import { encodeError } from '../protocol/wire-error.js';

export type Post = (message: FromWorker, transfer?: readonly Transferable[]) => void;

/**
 * Calls back when data has reached the main thread (the output of tasks, or posted messages).
 * Returns false if there is nothing to wait for.
 */
export type Drain = (drained: () => void) => boolean;

/**
 * ms for which a result or a stream value may wait for others. A person or a socket would notice
 * ten times as much.
 */
export const MAX_BATCH_WAIT_MS = 1;

export class Reports {
  #cells: number[] = [];
  #values: unknown[] = [];
  #transfers: Map<number, readonly Transferable[]> | undefined;
  #firstAt = 0;
  #busy = 0;
  #busySince: number | undefined;
  /**
   * True while reports wait until the output of their tasks has reached the main thread. No job may
   * start meanwhile.
   */
  isBlocked = false;

  constructor(
    readonly post: Post,
    readonly drainOutput: Drain,
    /** Waits for posted messages. A child process may end before its messages are written. */
    readonly drainPosts: Drain,
    readonly unblocked: () => void,
  ) {}

  get isEmpty(): boolean {
    return this.#cells.length === 0;
  }

  fulfil(slot: number, value: unknown): void {
    if (isImmutable(value)) {
      this.#add(slot, FULFILLED, value);
      return;
    }
    try {
      if (isTransferred(value) && value.list.length > 0) {
        refusePorts(value.value, value.list);
        this.#move(slot, value.list);
        this.#add(slot, FULFILLED, value.value);
      } else {
        const copy = snapshot(unmarked(value));
        this.#add(slot, FULFILLED, copy.value);
        if (copy.mustBeSentNow) this.flush();
      }
    } catch (error) {
      this.reject(slot, unsendable(unmarked(value), error));
    }
  }

  /**
   * Fulfils a job whose value another job of the tree receives. The future of such a job is rarely
   * read. So the value is sent as bytes, which costs one serialization here and nothing on the main
   * thread until it is read.
   */
  fulfilLazily(slot: number, value: unknown): void {
    if (isPlain(value)) {
      this.#add(slot, FULFILLED, value);
      return;
    }
    if (isTransferred(value)) value = value.value;
    try {
      const bytes = toBytes(value);
      if (bytes.byteLength === bytes.buffer.byteLength) this.#move(slot, [bytes.buffer as ArrayBuffer]);
      this.#add(slot, FULFILLED_BYTES, bytes);
    } catch {
      const fault = leaveFault(value, 'result');
      // A value that can't be written as bytes may still be clonable (shared memory, a Blob, a
      // KeyObject). It is cloned now, because the next step receives the value itself and may
      // change it before the report is sent.
      if (fault === undefined) this.#add(slot, FULFILLED, structuredClone(value));
      else this.#add(slot, UNCLONABLE, encodeError(unclonable(fault)));
    }
  }

  reject(slot: number, error: unknown): void {
    this.#add(slot, REJECTED, encodeError(error));
  }

  skip(slot: number): void {
    this.#add(slot, SKIPPED, undefined);
  }

  /** `now` is the time that {@link Reports.isDue} measures from. */
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
    this.isBlocked = this.drainOutput(() => {
      if (!this.isBlocked) return;
      this.isBlocked = false;
      this.#flushAndBlock();
      if (!this.isBlocked) this.unblocked();
    });
    if (!this.isBlocked) this.#flushAndBlock();
  }

  #flushAndBlock(): void {
    this.flushNow();
    this.isBlocked = this.drainPosts(() => {
      this.isBlocked = false;
      this.unblocked();
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
    const cells = this.#cells;
    const values = this.#values;
    const transfers = this.#transfers;
    const busy = this.#busy;
    this.#cells = [];
    this.#values = [];
    this.#transfers = undefined;
    this.#busy = 0;
    this.#firstAt = now;
    try {
      this.post({ type: 'reports', cells: pack(cells), values, busy }, transfers && [...transfers.values()].flat());
    } catch {
      this.#postOneByOne(cells, values, transfers);
    }
  }

  #move(slot: number, list: readonly Transferable[]): void {
    this.#transfers ??= new Map();
    this.#transfers.set(slot, list);
  }

  #add(slot: number, kind: number, payload: unknown): void {
    if (this.#cells.length === 0) this.#firstAt = performance.now();
    this.#cells.push(slot, kind);
    this.#values.push(payload);
  }

  /**
   * Posts the reports one by one. One value of the batch can't be cloned, and the error does not
   * name it. All other values must arrive.
   */
  #postOneByOne(
    cells: readonly number[],
    values: readonly unknown[],
    transfers: Map<number, readonly Transferable[]> | undefined,
  ): void {
    for (let i = 0; i < values.length; i++) {
      const slot = cells[2 * i]!;
      const kind = cells[2 * i + 1]!;
      try {
        this.post({ type: 'reports', cells: [slot, kind], values: [values[i]], busy: 0 }, transfers?.get(slot));
      } catch (error) {
        const wire = encodeError(unsendable(values[i], error));
        this.post({ type: 'reports', cells: [slot, REJECTED], values: [wire], busy: 0 });
      }
    }
  }
}

/**
 * Copies a value as it is now. The value may wait for other reports, and the task may change the
 * value meanwhile (an object that its module keeps, for example).
 *
 * `mustBeSentNow` is true for a value that is more than small plain data. Such a value is not
 * copied.
 *
 * @throws TypeError if the value contains a MessagePort
 */
export function snapshot(value: unknown): { readonly value: unknown; readonly mustBeSentNow: boolean } {
  try {
    const copy = copyPlain(value);
    if (copy !== NOT_PLAIN) return { value: copy, mustBeSentNow: false };
  } catch {
    // A getter throws. It throws again when the value is posted, and that error rejects the task.
  }
  // A clone would copy the whole buffer. For a small Buffer, that is Node's pool, which contains
  // bytes of other Buffers.
  if (isBytes(value) && value.byteLength < value.buffer.byteLength)
    return { value: copyBytes(value), mustBeSentNow: false };
  refusePorts(value);
  return { value, mustBeSentNow: true };
}

/**
 * Returns the error for a value that can't be sent. `name` is the name of the value in the message.
 */
export function unsendable(value: unknown, cause: unknown, name = 'result'): Error {
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Generator]' || tag === '[object AsyncGenerator]') {
    return new TypeError(
      'The task is a generator function, which yields many values, but a Future has one value. Read the values with task.stream(…) or executor.stream(task, …), or return an array: `return [...items()]`.',
    );
  }
  // If the value has no fault, the transfer list is wrong: it contains a part twice, or a part that
  // was transferred before.
  return explainUnclonable(value, name, cause);
}

function isPlain(value: unknown): boolean {
  if (value === null) return true;
  const type = typeof value;
  return (
    type === 'number' ||
    type === 'undefined' ||
    type === 'boolean' ||
    (type === 'string' && (value as string).length < 64)
  );
}
