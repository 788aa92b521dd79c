/** What a task may return to be a stream, brought to one form: something that is asked for the next value. */
import { asPromise } from '../protocol/thenable.js';

export interface Source {
  next(): IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>;
  /** No more is wanted. Resolves when what it holds is let go. */
  leave(): Promise<unknown>;
}

interface ObservableLike {
  subscribe(observer: {
    next(value: unknown): void;
    error(error: unknown): void;
    complete(): void;
  }): { unsubscribe?(): void } | (() => void) | undefined;
}

/** Generators, async iterables and Observables give their values; everything else, an array too, is the one value of a plain task. */
export function sourceOf(result: unknown): Source {
  if (isAsyncIterable(result)) return ofIterator(result[Symbol.asyncIterator]());
  if (isIterator(result)) return ofAwaited(result[Symbol.iterator]());
  const observable = observableOf(result);
  if (observable !== undefined) return new Received(observable);
  return ofIterator([result][Symbol.iterator]());
}

function ofIterator(iterator: Iterator<unknown> | AsyncIterator<unknown>): Source {
  return { next: () => iterator.next(), leave: async () => iterator.return?.() };
}

/** A generator that is not async may yield promises; each is awaited, as `for await` does. */
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
      // The generator's `finally` runs; the error of the promise counts, not what it throws then.
      await leave().catch(() => {});
      throw error;
    }
  };
  return { next, leave };
}

/** An Observable can't be asked to wait: what it emits ahead of the reader is kept here. */
class Received implements Source {
  #came: unknown[] = [];
  /** What had come when the last of its kind was given: a list that is used up lets go of all, also where new values keep coming. */
  #giving: unknown[] = [];
  #given = 0;
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
        this.#came.push(value);
        this.#wake?.();
      },
      error: (error) => ended({ error }),
      complete: () => ended(undefined),
    });
  }

  next(): IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>> {
    if (this.#given === this.#giving.length) {
      this.#giving = this.#came;
      this.#came = [];
      this.#given = 0;
    }
    if (this.#given < this.#giving.length) return { done: false, value: this.#giving[this.#given++] };
    if (this.#end?.failure !== undefined) throw this.#end.failure.error;
    if (this.#end !== undefined) return { done: true, value: undefined };
    return this.#more();
  }

  async #more(): Promise<IteratorResult<unknown>> {
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

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | null)?.[Symbol.asyncIterator] === 'function';
}

/** A generator, not a collection: an array or a Map is a value. */
function isIterator(value: unknown): value is IterableIterator<unknown> {
  const candidate = value as Partial<IterableIterator<unknown>> | null | undefined;
  return typeof candidate?.next === 'function' && typeof candidate[Symbol.iterator] === 'function';
}

/** Of RxJS, or of a library that knows `Symbol.observable` (RxJS without a polyfill: `'@@observable'`). */
function observableOf(value: unknown): ObservableLike | undefined {
  const candidate = value as { subscribe?: unknown; pipe?: unknown } | null | undefined;
  if (typeof candidate?.subscribe === 'function' && typeof candidate.pipe === 'function')
    return value as ObservableLike;
  if (typeof value !== 'object' || value === null) return undefined;
  const { observable } = Symbol as { observable?: symbol };
  for (const key of [observable, '@@observable']) {
    const method = key && (value as Record<PropertyKey, unknown>)[key];
    if (typeof method === 'function') return Reflect.apply(method, value, []) as ObservableLike;
  }
  return undefined;
}
