/** The ResultStream: a cold Observable that can also be iterated, at the reader's pace. */
import { Observable, type Subscriber } from 'rxjs';
import { here } from '../platform/context.js';
import { Deque } from '../util/deque.js';
import { calledIn } from './observable.js';

/** Where a producer puts its values. */
export interface Sink<T> {
  /** True when the reader has it; false when it waits to be taken. */
  next(value: T): boolean;
  error(error: unknown): void;
  complete(): void;
  /** The reader has left, or the stream has ended: nothing more is taken. */
  readonly isClosed: boolean;
  /** Values that the reader has not taken yet. Always 0 for a subscriber, who takes them as they come. */
  readonly buffered: number;
  /**
   * Takes how many values the run gives from its beginning to its end, as far as that is known: told before the first where it can be,
   * and again as it grows, each time before the value that it counts. Missing where nobody asks.
   */
  readonly expect?: Expect;
}

export type Expect = (total: number) => void;

/** One run of a stream. */
export interface Production<T> {
  /** The reader has left. Called once, also after the end. */
  stop(): void;
  /** The reader has taken what waited for it, or waits: there may be room for more. */
  taken?(value: T | undefined): void;
}

/**
 * Values that come from work: what `stream`, `map` and `asCompleted` return. Cold: each subscription, and each iteration, is a run of its own.
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
 * Leaving (unsubscribing, `break`) ends the run.
 */
export class ResultStream<T> extends Observable<T> implements AsyncIterable<T> {
  readonly #produce: (sink: Sink<T>) => Production<T>;
  readonly #name: string;

  /** @internal */
  constructor(produce: (sink: Sink<T>) => Production<T>, name = 'stream') {
    super((subscriber) => run(produce, subscriber));
    this.#name = name;
    this.#produce = produce;
  }

  /** @internal The same stream; each of its runs also tells how many values it is going to give. */
  _expecting(expect: Expect): Observable<T> {
    return new Observable((subscriber) => run(this.#produce, subscriber, expect));
  }

  /** Starts a run with the first `next()`; ends it with `return()`, which `for await` calls on `break` and `throw`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new StreamIterator(this.#produce);
  }

  /** `ResultStream { lines }`: the task, or the call that returned it. */
  override toString(): string {
    return #name in this ? `ResultStream { ${this.#name} }` : 'ResultStream {}';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** A summary, for loggers: never the values. */
  toJSON(): { name: string } {
    return { name: this.#name };
  }
}

/** A run for a subscriber, who is called in the async context of the subscription. Returns what ends the run. */
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

interface Reader<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: unknown): void;
}

/** The reader's side of a run. What it has not taken waits in `#values`, and the producer is told how much that is. */
class StreamIterator<T> implements AsyncIterableIterator<T> {
  readonly #produce: (sink: Sink<T>) => Production<T>;
  readonly #values = new Deque<T>();
  readonly #readers = new Deque<Reader<T>>();
  #production: Production<T> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;

  constructor(produce: (sink: Sink<T>) => Production<T>) {
    this.#produce = produce;
  }

  next(): Promise<IteratorResult<T>> {
    this.#start();
    if (this.#values.size > 0) {
      const value = this.#values.shift() as T;
      this.#production?.taken?.(value);
      return Promise.resolve({ done: false, value });
    }
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#production?.taken?.(undefined);
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#isClosed = true;
    this.#failure = undefined;
    this.#values.clear();
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #start(): void {
    if (this.#production !== undefined || this.#isClosed) return;
    const production = this.#produce(this.#sink());
    // It may have come to its end while it was being started.
    if (this.#isClosed) production.stop();
    else this.#production = production;
  }

  #sink(): Sink<T> {
    const self = this;
    return {
      next: (value) => this.#write(value),
      error: (error) => this.#close({ error }),
      complete: () => this.#close(undefined),
      get isClosed() {
        return self.#isClosed;
      },
      get buffered() {
        return self.#values.size;
      },
    };
  }

  #write(value: T): boolean {
    if (this.#isClosed) return false;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#values.push(value);
    else reader.resolve({ done: false, value });
    return reader !== undefined;
  }

  /** Values that were written before are still read; a failure comes after them. */
  #close(failure: { readonly error: unknown } | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const reader = failure === undefined ? undefined : this.#readers.shift();
    if (reader === undefined) this.#failure = failure;
    else reader.reject(failure!.error);
    this.#end();
  }

  #end(): void {
    for (let reader = this.#readers.shift(); reader !== undefined; reader = this.#readers.shift()) {
      reader.resolve({ done: true, value: undefined });
    }
    this.#production?.stop();
    this.#production = undefined;
  }
}
