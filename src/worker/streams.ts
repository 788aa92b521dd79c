/**
 * Runs tasks that return many values: iterates the result of a task for as long as there is credit.
 *
 * The life of a stream:
 *
 *   1. The stream starts with some credit. Each emitted value uses one.
 *   2. Without credit, the stream pauses, and its concurrency slot is free for other tasks. The
 *      main thread grants new credit as the reader reads values.
 *   3. The stream ends by itself, by an error, or because its reader has left. In the last case,
 *      the task's signal is aborted, and `return()` of its iterator is called, so that the
 *      `finally` of a generator runs. The job is reported after the last value.
 */

import { performance, setImmediate } from '#platform/time';
import type { FromWorker } from '../protocol/messages.js';
import { isImmutable } from '../protocol/plain.js';
import { refusePorts } from '../protocol/ports.js';
import { asPromise, whenDone } from '../protocol/thenable.js';
import { TIME_SLICE_MS } from '../protocol/time-slice.js';
import { isTransferred, type Transferable, unmarked } from '../protocol/transfer.js';
import { MAX_BATCH_WAIT_MS, snapshot } from './reports.js';
import { type Source, sourceOf } from './stream-source.js';
import type { TaskContext } from './task-context.js';

export interface StreamsHost {
  /** @throws DataCloneError if a value can't be sent */
  post(message: FromWorker, transfer?: readonly Transferable[]): void;
  /** Returns the error for a value that could not be sent. */
  unsendable(value: unknown, cause: unknown): Error;
  /** Runs code of a task in the async context of the task. */
  within<T>(task: TaskContext, run: () => T): T;
  /** The cleanup of a stream failed after its reader had left. */
  cleanupFailed(task: TaskContext, error: unknown): void;
  /** A stream paused, so its concurrency slot is free. */
  paused(): void;
  /** A paused stream resumed or ended. */
  resumed(): void;
}

export class Streams {
  readonly #host: StreamsHost;
  /**
   * Streams by slot. Ids would not be unique, because a run and its retry have the same future. The
   * first run may still be ending when the second one has started.
   */
  readonly #running = new Map<number, Stream>();

  constructor(host: StreamsHost) {
    this.#host = host;
  }

  /** Emits the values of a task's result. Settles when the stream has ended. */
  run(task: TaskContext, credit: number, result: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = new Stream(task, sourceOf(result), credit, this.#host, (failure) => {
        if (this.#running.get(task.slot) === stream) this.#running.delete(task.slot);
        if (failure === undefined) resolve();
        else reject(failure.error);
      });
      this.#running.set(task.slot, stream);
      // The reader may have left before the task returned.
      if (task.isAborted) stream.leave();
      else stream.go();
    });
  }

  /**
   * Adds credit to a stream. `id` is the id of the stream's future, because the slot may have been
   * assigned to another job meanwhile.
   */
  credit(slot: number, id: number, count: number): void {
    const stream = this.#running.get(slot);
    if (stream?.id === id) stream.addCredit(count);
  }

  /** Ends a stream whose reader has left. */
  leave(slot: number): void {
    this.#running.get(slot)?.leave();
  }

  /**
   * Ends a stream whose job has ended. Nothing may be posted from now on, because the slot will be
   * assigned to another job.
   */
  drop(slot: number): void {
    this.#running.get(slot)?.drop();
  }

  /** Sends the collected values of all streams, because the thread ends. */
  flush(): void {
    for (const stream of this.#running.values()) stream.flush();
  }
}

interface Failure {
  readonly error: unknown;
}

/**
 * Number of messages into which a full credit is split. The reader handles one message while the
 * worker fills the next. With one message, they would take turns, which takes twice as long.
 */
const MESSAGES_PER_CREDIT = 4;
/** Number of values between two readings of the clock, if values are made quickly. */
const VALUES_PER_CLOCK_READING = 16;

class Stream {
  readonly #task: TaskContext;
  readonly #source: Source;
  readonly #host: StreamsHost;
  readonly #ended: (failure: Failure | undefined) => void;
  #credit: number;
  /** Number of collected values that are sent at once. */
  readonly #batchSize: number;
  #values: unknown[] = [];
  /** Parts of the collected values that are moved, by the index of the value. */
  #transfers = new Map<number, readonly Transferable[]>();
  /** The source has been asked for a value and has not answered. */
  #isWaiting = false;
  #isPaused = false;
  #hasReaderLeft = false;
  #isOver = false;
  #flushSoon = false;
  /**
   * Start of the current time slice, time of the last flush in it, and time of the last reading of
   * the clock.
   */
  #sliceStart = 0;
  #flushedAt = 0;
  #clockReadAt = 0;
  /** Number of values until the clock is read again. */
  #unclocked = 0;
  /**
   * The source made its recent values quickly. Otherwise collected values are sent at once, so that
   * they do not wait for a slow value.
   */
  #isQuick = false;

  constructor(
    task: TaskContext,
    source: Source,
    credit: number,
    host: StreamsHost,
    ended: (failure: Failure | undefined) => void,
  ) {
    this.#task = task;
    this.#source = source;
    this.#credit = credit;
    this.#batchSize = Math.ceil(credit / MESSAGES_PER_CREDIT);
    this.#host = host;
    this.#ended = ended;
  }

  get id(): number {
    return this.#task.id;
  }

  go(): void {
    this.#host.within(this.#task, () => this.#pull());
  }

  addCredit(count: number): void {
    this.#credit += count;
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#host.resumed();
      this.go();
    }
  }

  leave(): void {
    if (this.#isOver) return;
    this.#hasReaderLeft = true;
    this.#values = [];
    this.#transfers.clear();
    // If a generator is busy with a value, it returns when the value is finished. The job waits for
    // that.
    this.#host.within(this.#task, () => {
      void this.#closeSource().then(() => this.#end(undefined));
    });
  }

  drop(): void {
    if (this.#isOver) return;
    void this.#closeSource();
    this.#end(undefined);
  }

  /** Runs the `finally` of a generator. No reader can receive its error any more. */
  #closeSource(): Promise<unknown> {
    return this.#source.leave().catch((error) => this.#cleanupFailed(error));
  }

  #cleanupFailed(error: unknown): void {
    // A task often throws because its signal was aborted. Such an error is not a failure.
    if (!this.#task.isCausedByAbort(error)) this.#host.cleanupFailed(this.#task, error);
  }

  /** Handles an error of the source. Advances the stream to over. */
  #failed(error: unknown): void {
    if (this.#isOver) return;
    // A generator that was busy when its reader left throws the error of its cleanup here, not from
    // return().
    if (this.#hasReaderLeft) this.#cleanupFailed(error);
    this.#end(this.#hasReaderLeft ? undefined : { error });
  }

  flush(): void {
    this.#flush();
  }

  /**
   * Asks for values while there is credit. A loop is used for synchronous values, because a
   * recursion would be as deep as the stream.
   */
  #pull(): void {
    if (this.#isWaiting) return;
    // Without a scheduled flush, this is a new turn of the event loop. Promises of an
    // asynchronous source keep the turn open.
    if (!this.#flushSoon) this.#startSlice();
    while (!this.#isOver) {
      if (this.#credit === 0) {
        this.#pause();
        return;
      }
      if (this.#isTimeSliceOver() || !this.#ask()) return;
    }
  }

  #startSlice(): void {
    this.#sliceStart = this.#flushedAt = this.#clockReadAt = performance.now();
    this.#unclocked = 2;
  }

  /** Asks for one value. Returns false if the answer comes later. */
  #ask(): boolean {
    let answer: unknown;
    this.#isWaiting = true;
    try {
      answer = this.#source.next();
      const promise = asPromise(answer);
      if (promise !== undefined) {
        this.#receiveLater(promise);
        return false;
      }
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#isWaiting = false;
    this.#receive(answer);
    return true;
  }

  #receiveLater(promise: Promise<unknown>): void {
    whenDone(
      promise,
      (result) => {
        this.#isWaiting = false;
        this.#receive(result);
        this.#pull();
      },
      (error) => this.#failed(error),
    );
  }

  #receive(result: unknown): void {
    if (this.#isOver) return;
    let done: unknown;
    let value: unknown;
    try {
      ({ done, value } = checkResult(result));
    } catch (error) {
      this.#end({ error });
      return;
    }
    if (done) {
      this.#end(undefined);
      return;
    }
    this.#credit--;
    try {
      if (isTransferred(value) && value.list.length > 0) {
        refusePorts(value.value, value.list);
        this.#transfers.set(this.#values.length, value.list);
        this.#values.push(value.value);
      } else if (isImmutable(value)) {
        this.#values.push(value);
      } else {
        const copy = snapshot(unmarked(value));
        this.#values.push(copy.value);
        if (copy.mustBeSentNow) {
          this.#flush();
          return;
        }
      }
    } catch (error) {
      this.#cannotSend(unmarked(value), error);
      return;
    }
    this.#flushLater();
    if (!this.#isQuick || this.#values.length >= this.#batchSize) this.#flush();
  }

  /**
   * Returns true if the time slice is used up. The stream then continues in a later turn of the
   * event loop.
   */
  #isTimeSliceOver(): boolean {
    if (--this.#unclocked > 0) return false;
    const now = performance.now();
    this.#isQuick = now - this.#clockReadAt < MAX_BATCH_WAIT_MS;
    this.#unclocked = this.#isQuick ? VALUES_PER_CLOCK_READING : 1;
    this.#clockReadAt = now;
    if (now - this.#flushedAt > MAX_BATCH_WAIT_MS) {
      this.#flushedAt = now;
      if (!this.#flush()) return true;
    }
    if (now - this.#sliceStart < TIME_SLICE_MS) return false;
    this.#isWaiting = true;
    setImmediate(() => {
      this.#isWaiting = false;
      this.go();
    });
    return true;
  }

  #pause(): void {
    if (!this.#flush()) return;
    this.#isPaused = true;
    this.#host.paused();
  }

  /** The values of one turn of the event loop are sent together. */
  #flushLater(): void {
    if (this.#flushSoon) return;
    this.#flushSoon = true;
    setImmediate(() => {
      this.#flushSoon = false;
      if (!this.#isOver) this.#flush();
    });
  }

  /**
   * Sends the collected values. Returns false if a value could not be sent, which ends the stream.
   */
  #flush(): boolean {
    if (this.#values.length === 0) return true;
    const values = this.#values;
    const transfers = this.#transfers;
    this.#values = [];
    this.#transfers = new Map();
    try {
      this.#post(values, [...transfers.values()].flat());
      return true;
    } catch {
      return this.#flushOneByOne(values, transfers);
    }
  }

  /**
   * Sends the values one by one. One of them can't be sent, and the error does not name it. The
   * values before it must arrive.
   */
  #flushOneByOne(values: readonly unknown[], transfers: ReadonlyMap<number, readonly Transferable[]>): boolean {
    for (let i = 0; i < values.length; i++) {
      try {
        this.#post([values[i]], transfers.get(i) ?? []);
      } catch (error) {
        this.#cannotSend(values[i], error);
        return false;
      }
    }
    return true;
  }

  #cannotSend(value: unknown, cause: unknown): void {
    void this.#closeSource();
    this.#end({ error: this.#host.unsendable(value, cause) });
  }

  #post(values: readonly unknown[], transfers: readonly Transferable[]): void {
    this.#host.post({ type: 'items', slot: this.#task.slot, values }, transfers);
  }

  /**
   * Ends the stream. Its values are sent before its end is reported. Advances the stream to over.
   */
  #end(failure: Failure | undefined): void {
    if (this.#isOver || !this.#flush()) return;
    this.#isOver = true;
    if (this.#isPaused) this.#host.resumed();
    this.#ended(failure);
  }
}

function checkResult(result: unknown): IteratorResult<unknown> {
  if (typeof result === 'object' && result !== null) return result as IteratorResult<unknown>;
  throw new TypeError(
    `The iterator's next() returned ${String(result)}. Return an object of the form { done, value } from next().`,
  );
}
