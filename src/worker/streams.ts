/**
 * Tasks that give many values: what a task has returned is iterated here, as far as main has given credit for.
 *
 * The life of one stream:
 *   1. it is begun with some credit, and each value that it gives takes one;
 *   2. without credit it rests, and its place on this worker is free for other tasks. Credit comes back as the reader takes values;
 *   3. it ends by itself, by an error, or since its reader has left: then the task's signal has been aborted, and its iterator is told to
 *      return, so that a generator's `finally` runs. The leg is reported after the last value.
 */

import { performance, setImmediate } from '../platform/time.js';
import type { FromWorker } from '../protocol/messages.js';
import { isImmutable } from '../protocol/plain.js';
import { refusePorts } from '../protocol/ports.js';
import { asPromise, whenDone } from '../protocol/thenable.js';
import { isTransferred, type Transferable, unmarked } from '../protocol/transfer.js';
import { take } from './reports.js';
import { type Source, sourceOf } from './stream-source.js';
import type { TaskContext } from './task-context.js';

export interface StreamsHost {
  /** @throws DataCloneError when a value can't be sent */
  post(message: FromWorker, transfer?: readonly Transferable[]): void;
  /** What to say of a value that couldn't. */
  unsendable(value: unknown, cause: unknown): Error;
  /** Runs what a task does as that task. */
  within<T>(task: TaskContext, run: () => T): T;
  /** The cleanup of a stream failed, and its reader has left. */
  cleanupFailed(task: TaskContext, error: unknown): void;
  /** A stream rests: its place is free. */
  rests(): void;
  /** It goes on. */
  resumes(): void;
}

export class Streams {
  readonly #host: StreamsHost;
  /** By slot: a run and its retry have the same future, and the first may still be ending when the second has begun. */
  readonly #running = new Map<number, Stream>();

  constructor(host: StreamsHost) {
    this.#host = host;
  }

  /** Gives the values of what a task has returned; settles when the stream is over. */
  run(task: TaskContext, credit: number, result: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = new Stream(task, sourceOf(result), credit, this.#host, (failure) => {
        if (this.#running.get(task.slot) === stream) this.#running.delete(task.slot);
        if (failure === undefined) resolve();
        else reject(failure.error);
      });
      this.#running.set(task.slot, stream);
      // The reader may have left while the task was still making what is to be iterated.
      if (task.isAborted) stream.leave();
      else stream.go();
    });
  }

  /** `id` is of its future: the slot may have been filled anew when credit for what was there arrives. */
  credit(slot: number, id: number, count: number): void {
    const stream = this.#running.get(slot);
    if (stream?.id === id) stream.earn(count);
  }

  /** The reader has left. */
  leave(slot: number): void {
    this.#running.get(slot)?.leave();
  }

  /** The leg has ended otherwise: from now on nothing of it may be posted, since its slot will be another one's. */
  drop(slot: number): void {
    this.#running.get(slot)?.drop();
  }

  /** The thread ends now: what was given must not be lost with it. */
  flush(): void {
    for (const stream of this.#running.values()) stream.flush();
  }
}

interface Failure {
  readonly error: unknown;
}

/** ms that a stream may keep the thread before messages get their turn, the word that its reader has left among them. */
const TIME_SLICE_MS = 10;
/** ms after which values that wait for company leave alone. */
const LONGEST_WAIT = 1;
/** Messages in which a whole credit leaves: the reader takes one while the next is made. In one piece each would wait for the other, twice as long. */
const PARTS = 4;
/** Values between two looks at the clock, where they are made quickly. */
const LOOK_EVERY = 16;

class Stream {
  readonly #task: TaskContext;
  readonly #source: Source;
  readonly #host: StreamsHost;
  readonly #ended: (failure: Failure | undefined) => void;
  #credit: number;
  /** Values that leave without waiting for more. */
  readonly #enough: number;
  #values: unknown[] = [];
  /** What moves with them, by their indices. */
  #transfers = new Map<number, readonly Transferable[]>();
  /** The source is being asked, or has been asked and not answered. */
  #isAsking = false;
  #rests = false;
  #isLeft = false;
  #isOver = false;
  #flushSoon = false;
  /** When this turn of the event loop began, when values last left in it, and when the clock was last looked at. */
  #timeSlice = 0;
  #since = 0;
  #looked = 0;
  /** Values until it is looked at again. */
  #unseen = 0;
  /** As far as is known: what waits here must not wait behind a value that takes long to make. */
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
    this.#enough = Math.ceil(credit / PARTS);
    this.#host = host;
    this.#ended = ended;
  }

  get id(): number {
    return this.#task.id;
  }

  go(): void {
    this.#host.within(this.#task, () => this.#pull());
  }

  earn(count: number): void {
    this.#credit += count;
    if (this.#rests) {
      this.#rests = false;
      this.#host.resumes();
      this.go();
    }
  }

  leave(): void {
    if (this.#isOver) return;
    this.#isLeft = true;
    this.#values = [];
    this.#transfers.clear();
    // Where the source is in the middle of a value, a generator returns when it has made it; the leg waits for that.
    this.#host.within(this.#task, () => {
      void this.#letGo().then(() => this.#end(undefined));
    });
  }

  drop(): void {
    if (this.#isOver) return;
    void this.#letGo();
    this.#end(undefined);
  }

  /** Lets a generator's `finally` run. What that throws, no reader can receive any more. */
  #letGo(): Promise<unknown> {
    return this.#source.leave().catch((error) => this.#cleanupFailed(error));
  }

  #cleanupFailed(error: unknown): void {
    // A task that stops because its signal was aborted often throws on its way out. That is no failure.
    if (!this.#task.isOfAbort(error)) this.#host.cleanupFailed(this.#task, error);
  }

  /** The source threw. Advances to over. */
  #failed(error: unknown): void {
    if (this.#isOver) return;
    // A generator that was in the middle of a value when its reader left throws from its cleanup here, not at its return().
    if (this.#isLeft) this.#cleanupFailed(error);
    this.#end(this.#isLeft ? undefined : { error });
  }

  flush(): void {
    this.#flush();
  }

  /** Asks for values while there is credit: in a loop where they come at once, and not by a recursion as deep as the stream. */
  #pull(): void {
    if (this.#isAsking) return;
    // Otherwise it is still the same turn: the promises of an asynchronous source let no message in between.
    if (!this.#flushSoon) this.#begin();
    while (!this.#isOver) {
      if (this.#credit === 0) {
        this.#rest();
        return;
      }
      if (this.#usedItsTimeSlice() || !this.#ask()) return;
    }
  }

  #begin(): void {
    this.#timeSlice = this.#since = this.#looked = performance.now();
    this.#unseen = 2;
  }

  /** False where the answer comes later. */
  #ask(): boolean {
    let answer: unknown;
    this.#isAsking = true;
    try {
      answer = this.#source.next();
      const promise = asPromise(answer);
      if (promise !== undefined) {
        this.#takeLater(promise);
        return false;
      }
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#isAsking = false;
    this.#take(answer);
    return true;
  }

  #takeLater(promise: Promise<unknown>): void {
    whenDone(
      promise,
      (result) => {
        this.#isAsking = false;
        this.#take(result);
        this.#pull();
      },
      (error) => this.#failed(error),
    );
  }

  #take(result: unknown): void {
    if (this.#isOver) return;
    let done: unknown;
    let value: unknown;
    try {
      ({ done, value } = checked(result));
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
        const taken = take(unmarked(value));
        this.#values.push(taken.value);
        if (taken.isOpen) {
          this.#flush();
          return;
        }
      }
    } catch (error) {
      this.#cannotSend(unmarked(value), error);
      return;
    }
    this.#flushLater();
    if (!this.#isQuick || this.#values.length >= this.#enough) this.#flush();
  }

  /** True when it is time for others: it goes on after them. */
  #usedItsTimeSlice(): boolean {
    if (--this.#unseen > 0) return false;
    const now = performance.now();
    this.#isQuick = now - this.#looked < LONGEST_WAIT;
    this.#unseen = this.#isQuick ? LOOK_EVERY : 1;
    this.#looked = now;
    if (now - this.#since > LONGEST_WAIT) {
      this.#since = now;
      if (!this.#flush()) return true;
    }
    if (now - this.#timeSlice < TIME_SLICE_MS) return false;
    this.#isAsking = true;
    setImmediate(() => {
      this.#isAsking = false;
      this.go();
    });
    return true;
  }

  #rest(): void {
    if (!this.#flush()) return;
    this.#rests = true;
    this.#host.rests();
  }

  /** What is made in one turn of the event loop leaves together. */
  #flushLater(): void {
    if (this.#flushSoon) return;
    this.#flushSoon = true;
    setImmediate(() => {
      this.#flushSoon = false;
      if (!this.#isOver) this.#flush();
    });
  }

  /** False when the stream has ended by it: a value can't be sent. */
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

  /** One value can't be sent, and the clone doesn't say which. Those before it must arrive. */
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
    void this.#letGo();
    this.#end({ error: this.#host.unsendable(value, cause) });
  }

  #post(values: readonly unknown[], transfers: readonly Transferable[]): void {
    this.#host.post({ type: 'items', slot: this.#task.slot, values }, transfers);
  }

  /** Advances to over: the values that it has made leave before its end is told. */
  #end(failure: Failure | undefined): void {
    if (this.#isOver || !this.#flush()) return;
    this.#isOver = true;
    if (this.#rests) this.#host.resumes();
    this.#ended(failure);
  }
}

function checked(result: unknown): IteratorResult<unknown> {
  if (typeof result === 'object' && result !== null) return result as IteratorResult<unknown>;
  throw new TypeError(`The iterator's next() gave ${String(result)}, not { done, value }.`);
}
