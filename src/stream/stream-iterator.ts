/** The reader's end of a run for `for await`. */
import { Deque } from '../util/deque.js';
import type { Production, Sink } from './result-stream.js';

interface Reader<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: unknown): void;
}

/**
 * The reader's end of a run for `for await`. Values that have not been read are buffered in
 * `#values`, and the producer can see their number.
 */
export class StreamIterator<T> implements AsyncIterableIterator<T> {
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
      this.#production?.valueRead?.(value);
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
      this.#production?.valueRead?.(undefined);
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
    // The run may have ended while it was being started.
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

  /** Ends the stream. Buffered values can still be read, and a failure comes after them. */
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
