/** What goes home from a worker: reports, gathered into batches. */

import { performance } from '../platform/time.js';
import { copyBytes, isBytes } from '../protocol/bytes.js';
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
import { encodeError, leaveFault, notCloned, unclonable } from '../protocol/wire-error.js';

export type Post = (message: FromWorker, transfer?: readonly Transferable[]) => void;

/** Lets something reach the main thread (what a task has printed, what was posted); false when there was nothing to wait for. */
export type Drain = (drained: () => void) => boolean;

/** ms after which a result that waits for company leaves alone: a tenth of what a person or a socket would notice. */
const LONGEST_WAIT = 1;

export class Reports {
  #cells: number[] = [];
  #values: unknown[] = [];
  #transfers: Map<number, readonly Transferable[]> | undefined;
  #since = 0;
  #busy = 0;
  #busySince: number | undefined;
  /** True while reports wait for the output of their tasks to get home before them; nothing new may begin meanwhile. */
  held = false;

  constructor(
    readonly post: Post,
    readonly drainOutput: Drain,
    /** Of a process, which may end before what it has posted is written. */
    readonly drainPosts: Drain,
    readonly released: () => void,
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
        const taken = take(unmarked(value));
        this.#add(slot, FULFILLED, taken.value);
        if (taken.isOpen) this.flush();
      }
    } catch (error) {
      this.reject(slot, unsendable(unmarked(value), error));
    }
  }

  /**
   * The value of a leg that feeds others. Somebody may hold its future, or nobody: so it travels as bytes, which cost one
   * serialization here and nothing there until they are looked at.
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
      // A value without a form in bytes may still be clonable (shared memory, a Blob, a KeyObject). It is cloned now: the next step receives the
      // value itself and may change it, while the report waits for its turn.
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

  /** `now` starts the clock by which {@link Reports.isDue} judges. */
  began(now: number): void {
    this.#busySince ??= now;
  }

  rested(now: number): void {
    if (this.#busySince !== undefined) this.#busy += now - this.#busySince;
    this.#busySince = undefined;
  }

  isDue(now: number): boolean {
    return this.#cells.length > 0 && now - this.#since > LONGEST_WAIT;
  }

  /** Sends what there is, after the output of the tasks that it is about. */
  flush(): void {
    if (this.held || this.#cells.length === 0) return;
    this.held = this.drainOutput(() => {
      if (!this.held) return;
      this.held = false;
      this.#flushAndHold();
      if (!this.held) this.released();
    });
    if (!this.held) this.#flushAndHold();
  }

  #flushAndHold(): void {
    this.flushNow();
    this.held = this.drainPosts(() => {
      this.held = false;
      this.released();
    });
  }

  /** The same without waiting for output: the thread is about to end. */
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
    this.#since = now;
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
    if (this.#cells.length === 0) this.#since = performance.now();
    this.#cells.push(slot, kind);
    this.#values.push(payload);
  }

  /** One value in the batch can't be cloned, and the clone doesn't say which. The others must not suffer for it. */
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
 * A value as it is now. It may wait for others to travel with, and whoever has given it may go on with it, an object that a module keeps, say.
 * `isOpen`: it is more than small plain data, and no copy was made: it has to leave at once.
 *
 * @throws TypeError if a MessagePort is in the value
 */
export function take(value: unknown): { readonly value: unknown; readonly isOpen: boolean } {
  try {
    const copy = copyPlain(value);
    if (copy !== NOT_PLAIN) return { value: copy, isOpen: false };
  } catch {
    // A getter throws. It throws again when the value is posted, and that error rejects the task.
  }
  // A clone would copy all of the buffer: of a small Buffer that is Node's pool, with the bytes of others in it.
  if (isBytes(value) && value.byteLength < value.buffer.byteLength) return { value: copyBytes(value), isOpen: false };
  refusePorts(value);
  return { value, isOpen: true };
}

/** Why a value can't leave; `name` is what the message calls it. */
export function unsendable(value: unknown, cause: unknown, name = 'result'): Error {
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Generator]' || tag === '[object AsyncGenerator]') {
    return new TypeError(
      'The task is a generator function: it yields many values, and a Future holds one. Read them with task.stream(…) or executor.stream(task, …), or collect them in the task: `return [...items()]`.',
    );
  }
  // Without a fault in the value the transfer list is wrong: an entry is moved twice, or already gone.
  return notCloned(value, name, cause);
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
