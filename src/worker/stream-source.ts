/**
 * Converts everything that a task may return for a stream to one interface: a source that is asked
 * for its next value.
 */
import { interopMethod } from '../protocol/interop-observable.js';
import { asyncIteratorOf, isAsyncIterable } from '../protocol/stream/external-stream.js';
import { asPromise } from '../protocol/thenable.js';
import { closeUnused, isTransferred } from '../protocol/transfer.js';

export interface Source {
  next(): IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>;
  /** Ends the source. Resolves when its resources are released. */
  leave(): Promise<unknown>;
}

/** @throws TypeError if a source answers with a value that is not an iterator result */
export function checkResult(result: unknown): IteratorResult<unknown> {
  if (typeof result === 'object' && result !== null) return result as IteratorResult<unknown>;
  throw new TypeError(
    `The iterator's next() returned ${String(result)}. Return an object of the form { done, value } from next().`,
  );
}

/** Closes the movable parts of a value whose reader has left. */
export function closeUnread(result: unknown): void {
  try {
    const { value } = checkResult(result);
    if (isTransferred(value)) closeUnused(value.list);
  } catch {
    // The answer is not an iterator result, and no reader can receive the error.
  }
}

interface ObservableLike {
  subscribe(observer: {
    next(value: unknown): void;
    error(error: unknown): void;
    complete(): void;
  }): { unsubscribe?(): void } | (() => void) | undefined;
}

/**
 * Returns a source for a result. Generators, async iterables and Observables emit their values. Any
 * other result, including an array, is the only value of the stream.
 */
export function sourceOf(result: unknown): Source {
  if (isAsyncIterable(result)) return ofIterator(asyncIteratorOf(result));
  if (isIterator(result)) return ofAwaited(result[Symbol.iterator]());
  const observable = observableOf(result);
  if (observable !== undefined) return new ObservableSource(observable);
  return ofIterator([result][Symbol.iterator]());
}

function ofIterator(iterator: Iterator<unknown> | AsyncIterator<unknown>): Source {
  return { next: () => iterator.next(), leave: async () => iterator.return?.() };
}

/** A synchronous generator may yield promises. Each is awaited, as with `for await`. */
function ofAwaited(iterator: Iterator<unknown>): Source {
  const leave = async () => iterator.return?.();
  const next = () => {
    const result = iterator.next();
    if (typeof result !== 'object' || result === null) return result;
    const promise = asPromise(result.value);
    return promise === undefined ? result : later(promise, result.done === true);
  };
  const later = async (promise: Promise<unknown>, done: boolean): Promise<IteratorResult<unknown>> => {
    try {
      return { done, value: await promise } as IteratorResult<unknown>;
    } catch (error) {
      // The `finally` of the generator runs. If it throws too, the error of the promise counts.
      await leave().catch(() => {});
      throw error;
    }
  };
  return { next, leave };
}

/** An Observable can't be paused. Its values are kept here until they are read. */
class ObservableSource implements Source {
  #incoming: unknown[] = [];
  /**
   * The batch that is being read. New values go to `#incoming`, so that a finished batch can be
   * collected even if the source never pauses.
   */
  #batch: unknown[] = [];
  #read = 0;
  readonly #subscription: ReturnType<ObservableLike['subscribe']>;
  #end: { readonly failure: { readonly error: unknown } | undefined } | undefined;
  #wake: (() => void) | undefined;

  constructor(observable: ObservableLike) {
    const ended = (failure: { readonly error: unknown } | undefined) => {
      this.#end ??= { failure };
      this.#wake?.();
    };
    this.#subscription = observable.subscribe({
      next: (value) => {
        this.#incoming.push(value);
        this.#wake?.();
      },
      error: (error) => ended({ error }),
      complete: () => ended(undefined),
    });
  }

  next(): IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>> {
    if (this.#read === this.#batch.length) {
      this.#batch = this.#incoming;
      this.#incoming = [];
      this.#read = 0;
    }
    if (this.#read < this.#batch.length) return { done: false, value: this.#batch[this.#read++] };
    if (this.#end?.failure !== undefined) throw this.#end.failure.error;
    if (this.#end !== undefined) return { done: true, value: undefined };
    return this.#nextLater();
  }

  async #nextLater(): Promise<IteratorResult<unknown>> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    return this.next();
  }

  async leave(): Promise<void> {
    const subscription = this.#subscription;
    if (typeof subscription === 'function') subscription();
    else subscription?.unsubscribe?.();
    this.#end ??= { failure: undefined };
    this.#wake?.();
  }
}

/** Recognizes a generator. An array or a Map is a value, not a generator. */
function isIterator(value: unknown): value is IterableIterator<unknown> {
  const candidate = value as Partial<IterableIterator<unknown>> | null | undefined;
  return typeof candidate?.next === 'function' && typeof candidate[Symbol.iterator] === 'function';
}

/** Returns an Observable of RxJS, or of another library. */
function observableOf(value: unknown): ObservableLike | undefined {
  const candidate = value as { subscribe?: unknown; pipe?: unknown } | null | undefined;
  if (typeof candidate?.subscribe === 'function' && typeof candidate.pipe === 'function')
    return value as ObservableLike;
  const method = typeof value === 'object' ? interopMethod(value) : undefined;
  return method && (Reflect.apply(method, value, []) as ObservableLike);
}
