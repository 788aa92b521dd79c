/**
 * The ResultStream: a cold Observable that can also be iterated with `for await`, at the reader's
 * pace.
 */
import { Observable, type Subscriber } from 'rxjs';
import { here } from '#platform/context';
import type { HighWaterMark } from '../protocol/messages.js';
import { calledIn } from './observable.js';
import { StreamIterator } from './stream-iterator.js';
import type { StreamPipe } from './stream-pipe.js';

/** The reader's end of a run. A producer writes its values here. */
export interface Sink<T> {
  /**
   * Sends a value to the reader. Returns true if the reader has received it, false if the value is
   * buffered.
   */
  next(value: T): boolean;
  error(error: unknown): void;
  complete(): void;
  /** True if the reader has left or the stream has ended. Further values are dropped. */
  readonly isClosed: boolean;
  /**
   * Number of values that the reader has not read yet. It is always 0 for a subscriber, because a
   * subscriber receives each value at once.
   */
  readonly buffered: number;
  /**
   * Receives the total number of values of the run, as far as the producer knows it. The producer
   * calls it before the first value if it can. If the total grows, the producer calls it again
   * before each value that the new total counts. It is undefined if no reader asks for the total.
   */
  readonly expect?: Expect;
}

export type Expect = (total: number) => void;

/** The producer's end of a run. */
export interface Production<T> {
  /** Called once: when the reader leaves, or after the stream has ended. */
  stop(): void;
  /**
   * Called when the reader has read a buffered value, or starts to wait for one. The producer may
   * have room for more.
   */
  valueRead?(value: T | undefined): void;
}

/**
 * A stream of values that are computed on demand: `stream`, `map` and `asCompleted` return one. It
 * is cold: each subscription and each iteration is a separate run.
 *
 * Use it as an Observable, or with `for await` if the producer should not run ahead of the reader.
 *
 * ```ts
 * const numbers = count.stream(2);
 * for await (const n of numbers) console.log(n); // at the reader's pace
 * numbers.subscribe((n) => console.log(n)); // a second run, as an Observable
 * // Output:
 * // 1
 * // 2
 * // 1
 * // 2
 * ```
 *
 * Leaving the stream (unsubscribing, `break`) ends its run.
 *
 * @see {@link Executor.stream}, {@link Executor.map}, {@link asCompleted}
 */
export class ResultStream<T> extends Observable<T> implements AsyncIterable<T> {
  readonly #produce: (sink: Sink<T>) => Production<T>;
  readonly #name: string;
  /**
   * @internal How far the task may be ahead of the reader. Undefined for a stream that is not the
   * stream of one task, such as that of `map`.
   */
  readonly _mark: HighWaterMark | undefined;

  /** @internal */
  constructor(produce: (sink: Sink<T>) => Production<T>, name = 'stream', mark?: HighWaterMark) {
    super((subscriber) => run(produce, subscriber));
    this.#name = name;
    this.#produce = produce;
    this._mark = mark;
  }

  /**
   * @internal Returns the same stream. Each of its runs also reports to `expect` how many values
   *   it will emit.
   */
  _expecting(expect: Expect): Observable<T> {
    return new Observable((subscriber) => run(this.#produce, subscriber, expect));
  }

  /**
   * Applies operators, as in RxJS. If the last one is `through`, the result is a ResultStream.
   */
  declare readonly pipe: StreamPipe<T> & Observable<T>['pipe'];

  static {
    // As in Future: `pipe` is declared as a property, because a method would repeat the overloads.
    Object.defineProperty(ResultStream.prototype, 'pipe', {
      value: Observable.prototype.pipe,
      configurable: true,
      writable: true,
    });
  }

  /** @internal Starts a run whose values go to `sink`. */
  _produceFor(sink: Sink<T>): Production<T> {
    return this.#produce(sink);
  }

  /**
   * Returns an iterator. Its first `next()` starts a run. Its `return()` ends the run; `for await`
   * calls it on `break` and `throw`.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new StreamIterator(this.#produce);
  }

  /**
   * Returns text such as `ResultStream { lines }`, with the name of the task or of the call that
   * returned the stream.
   */
  override toString(): string {
    return #name in this ? `ResultStream { ${this.#name} }` : 'ResultStream {}';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Returns a summary for loggers. It does not contain the values. */
  toJSON(): { name: string } {
    return { name: this.#name };
  }
}

/**
 * Starts a run for a subscriber, and returns a function that ends it. The subscriber is called in
 * the async context of the subscription.
 */
function run<T>(produce: (sink: Sink<T>) => Production<T>, subscriber: Subscriber<T>, expect?: Expect): () => void {
  const reader = calledIn(here(), subscriber);
  const production = produce({
    next: (value) => {
      reader.next(value);
      return true;
    },
    error: reader.error,
    complete: reader.complete,
    get isClosed() {
      return subscriber.closed;
    },
    buffered: 0,
    expect,
  });
  return () => production.stop();
}
