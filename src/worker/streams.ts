/**
 * Tasks that give many values: what a task has returned is iterated here, as far as main has given credit for.
 *
 * The life of one stream:
 *   1. it is begun with some credit, and each value that it gives takes one;
 *   2. without credit it rests, and its place on this worker is free for other tasks. Credit comes back as the reader takes values;
 *   3. it ends by itself, by an error, or since its reader has left: then the task's signal has been aborted, and its iterator is told to
 *      return, so that a generator's `finally` runs. The leg is reported after the last value.
 */
import type { FromWorker } from '../protocol/messages.js';
import { isTransferred, type Transferable } from '../protocol/transfer.js';
import { type Source, sourceOf } from './stream-source.js';
import type { TaskContext } from './task-context.js';

export interface StreamsHost {
  /** @throws DataCloneError when a value can't be sent */
  post(message: FromWorker, transfer?: readonly Transferable[]): void;
  /** What to say of a value that couldn't. */
  unsendable(value: unknown, cause: unknown): Error;
  /** Runs what a task does as that task. */
  within<T>(task: TaskContext, run: () => T): T;
  /** A stream rests: its place is free. */
  rests(): void;
  /** It goes on. */
  resumes(): void;
}

export class Streams {
  readonly #host: StreamsHost;
  /** By the id of the future: a slot may have been filled anew when credit for what was there arrives. */
  readonly #running = new Map<number, Stream>();

  constructor(host: StreamsHost) {
    this.#host = host;
  }

  /** Gives the values of what a task has returned; settles when the stream is over. */
  run(task: TaskContext, credit: number, result: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = new Stream(task, sourceOf(result), credit, this.#host, (failure) => {
        this.#running.delete(task.id);
        if (failure === undefined) resolve();
        else reject(failure.error);
      });
      this.#running.set(task.id, stream);
      // The reader may have left while the task was still making what is to be iterated.
      if (task.isAborted) stream.leave();
      else stream.go();
    });
  }

  credit(id: number, count: number): void {
    this.#running.get(id)?.earn(count);
  }

  /** The reader has left. */
  leave(id: number): void {
    this.#running.get(id)?.leave();
  }

  /** The leg has ended otherwise: nothing more of it may be posted, since its slot will be another one's. */
  drop(id: number): void {
    this.#running.get(id)?.drop();
  }
}

interface Failure {
  readonly error: unknown;
}

/** ms that a stream may keep the thread before messages get their turn, the word that its reader has left among them. */
const LONGEST_TURN = 10;
/** ms after which values that wait for company leave alone. */
const LONGEST_WAIT = 1;
/** Values between two looks at the clock. */
const LOOK_EVERY = 16;

class Stream {
  readonly #task: TaskContext;
  readonly #source: Source;
  readonly #host: StreamsHost;
  readonly #ended: (failure: Failure | undefined) => void;
  #credit: number;
  #values: unknown[] = [];
  #transfers: Transferable[] = [];
  /** The source is being asked, or has been asked and not answered. */
  #isAsking = false;
  #rests = false;
  #isOver = false;
  #flushSoon = false;
  #since = 0;

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
    this.#host = host;
    this.#ended = ended;
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
    this.#values = [];
    this.#transfers = [];
    // Where the source is in the middle of a value, a generator returns when it has made it; the leg waits for that.
    this.#host.within(this.#task, () => {
      this.#source.leave().then(
        () => this.#end(undefined),
        (error) => this.#end({ error }),
      );
    });
  }

  drop(): void {
    if (this.#isOver) return;
    this.#values = [];
    this.#source.leave().catch(() => {});
    this.#end(undefined);
  }

  /** Asks for values while there is credit: in a loop where they come at once, and not by a recursion as deep as the stream. */
  #pull(): void {
    if (this.#isAsking) return;
    const turn = performance.now();
    this.#since = turn;
    for (let count = 1; !this.#isOver; count++) {
      if (this.#credit === 0) {
        this.#rest();
        return;
      }
      if (count % LOOK_EVERY === 0 && this.#hadItsTurn(turn)) return;
      const answer = this.#ask();
      if (answer === undefined) return;
      this.#take(answer);
    }
  }

  /** Undefined where the answer comes later. */
  #ask(): IteratorResult<unknown> | undefined {
    let answer: IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>;
    this.#isAsking = true;
    try {
      answer = this.#source.next();
    } catch (error) {
      this.#end({ error });
      return undefined;
    }
    if (isPromise(answer)) {
      answer.then(
        (result) => {
          this.#isAsking = false;
          this.#take(result);
          this.#pull();
        },
        (error) => this.#end({ error }),
      );
      return undefined;
    }
    this.#isAsking = false;
    return answer;
  }

  #take({ done, value }: IteratorResult<unknown>): void {
    if (this.#isOver) return;
    if (done) {
      this.#end(undefined);
      return;
    }
    this.#credit--;
    if (isTransferred(value)) {
      this.#values.push(value.value);
      this.#transfers.push(...value.list);
    } else {
      this.#values.push(value);
    }
    this.#flushLater();
  }

  /** True when it is time for others: it goes on after them. */
  #hadItsTurn(turn: number): boolean {
    const now = performance.now();
    if (now - this.#since > LONGEST_WAIT) {
      this.#since = now;
      if (!this.#flush()) return true;
    }
    if (now - turn < LONGEST_TURN) return false;
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
    this.#transfers = [];
    try {
      this.#post(values, transfers);
      return true;
    } catch {
      return this.#flushOneByOne(values, transfers);
    }
  }

  /** One value can't be sent, and the clone doesn't say which. Those before it must arrive. */
  #flushOneByOne(values: readonly unknown[], transfers: readonly Transferable[]): boolean {
    for (const value of values) {
      const own = transfers.filter((part) => part === value || (value as Partial<ArrayBufferView>)?.buffer === part);
      try {
        this.#post([value], own);
      } catch (error) {
        this.#source.leave().catch(() => {});
        this.#end({ error: this.#host.unsendable(value, error) });
        return false;
      }
    }
    return true;
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

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null)?.then === 'function';
}
