/**
 * A stream argument, as a task reads it: an async iterator. The source starts when the task asks
 * for the first value, and is never further ahead of the task than its high-water mark.
 */
import { performance, setImmediate } from '#platform/time';
import type { HighWaterMark } from '../protocol/messages.js';
import { ReadCredit } from '../protocol/stream/read-credit.js';
import { TIME_SLICE_MS } from '../protocol/time-slice.js';
import { closeUnused } from '../protocol/transfer.js';

/** Number of values between two readings of the clock. */
const VALUES_PER_CLOCK_READING = 32;

type Result = IteratorResult<unknown, undefined>;

/** Connects an input with its source. */
export interface InputHost {
  /** Asks the main thread to start the source. */
  open(): void;
  /** Lets the source send `count` more values. */
  credit(count: number): void;
  /** The task reads no more values, so the source can end. */
  left(): void;
  /** Called when the task waits for values, and when it has some again. */
  waits(isWaiting: boolean): void;
}

interface Reader {
  resolve(result: Result | Promise<Result>): void;
  reject(error: unknown): void;
}

interface ArrivedValues {
  readonly values: unknown[];
  readonly bytes: number;
}

interface End {
  failure: { readonly error: unknown } | undefined;
}

const DONE: Result = { done: true, value: undefined };

export class Input implements AsyncIterableIterator<unknown, undefined> {
  readonly #host: InputHost;
  readonly #credit: ReadCredit;
  /** Values that were not read, from `#at` on in the first message. */
  readonly #messages: ArrivedValues[] = [];
  #at = 0;
  /** Calls of `next` that wait for a value. */
  readonly #readers: Reader[] = [];
  #isOpen = false;
  #isWaiting = false;
  /** The task has read for a whole time slice, and continues in a later turn of the event loop. */
  #isResting = false;
  #sliceStart = 0;
  #unclocked = VALUES_PER_CLOCK_READING;
  /** The source has ended. A failure comes after the values before it, once. */
  #end: End | undefined;
  /** The task was cancelled. Every later call rejects. */
  #aborted: { readonly reason: unknown } | undefined;

  constructor(mark: HighWaterMark, host: InputHost) {
    this.#host = host;
    this.#credit = new ReadCredit(mark);
  }

  // ── called by the task ─────────────────────────────────────────────────────────────────────────

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    if (this.#readers.length === 0 && this.#messages.length > 0 && !this.#isSliceOver()) {
      return Promise.resolve({ done: false, value: this.#take() });
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
    });
  }

  /** The task leaves the stream, as a loop does on `break`. */
  return(): Promise<Result> {
    if (this.#end === undefined && this.#isOpen) this.#host.left();
    this.close();
    return Promise.resolve(DONE);
  }

  // ── called by the worker ───────────────────────────────────────────────────────────────────────

  arrived(values: unknown[], bytes: number): void {
    if (this.#end !== undefined) {
      closeUnused(values);
      return;
    }
    this.#messages.push({ values, bytes });
    this.#sliceStart = performance.now();
    this.#serve();
  }

  ended(failure?: { readonly error: unknown }): void {
    this.#end ??= { failure };
    this.#serve();
  }

  /** The task was cancelled, so its reads reject with the reason. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.close();
  }

  /** The task has ended, or reads no more. */
  close(): void {
    for (const { values } of this.#messages.splice(0)) closeUnused(values);
    this.#end = { failure: undefined };
    this.#serve();
  }

  // ── from the messages to the calls of next() ───────────────────────────────────────────────────

  #serve(): void {
    const readers = this.#readers;
    while (readers.length > 0 && !this.#isResting) {
      if (this.#messages.length > 0) {
        if (this.#isSliceOver()) break;
        readers.shift()!.resolve({ done: false, value: this.#take() });
      } else if (this.#end !== undefined) this.#settle(readers.shift()!, this.#end);
      else break;
    }
    this.#wait(readers.length > 0 && !this.#isResting);
  }

  #settle(reader: Reader, end: End): void {
    const { failure } = end;
    end.failure = undefined;
    if (this.#aborted !== undefined) reader.reject(this.#aborted.reason);
    else if (failure !== undefined) reader.reject(failure.error);
    else reader.resolve(DONE);
  }

  #wait(isWaiting: boolean): void {
    if (isWaiting === this.#isWaiting) return;
    this.#isWaiting = isWaiting;
    this.#host.waits(isWaiting);
    if (this.#isOpen || !isWaiting) return;
    this.#isOpen = true;
    this.#host.open();
  }

  #take(): unknown {
    const { values, bytes } = this.#messages[0]!;
    const value = values[this.#at];
    // The value may be large, and the message lives until its last value is read.
    values[this.#at++] = undefined;
    let isDue = this.#credit.readValue();
    if (this.#at === values.length) {
      this.#messages.shift();
      this.#at = 0;
      isDue = this.#credit.readMessage(bytes) || isDue;
    }
    // A source that has ended needs no credit.
    if (isDue && this.#end === undefined) this.#host.credit(this.#credit.take());
    return value;
  }

  /**
   * Returns true if the task has read for a whole time slice. Otherwise promises alone would keep
   * the thread busy, and no cancel could arrive before all values are read.
   */
  #isSliceOver(): boolean {
    if (--this.#unclocked > 0) return false;
    this.#unclocked = VALUES_PER_CLOCK_READING;
    if (performance.now() - this.#sliceStart < TIME_SLICE_MS) return false;
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
      this.#sliceStart = performance.now();
      this.#serve();
    });
    return true;
  }
}
