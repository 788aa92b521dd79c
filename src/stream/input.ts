/** The inputs of streams: one interface to read iterables, async iterables and Observables. */
import { type InteropObservable, type Observable, Subject, takeUntil } from 'rxjs';
import { asyncIteratorOf, isAsyncIterable } from '../protocol/stream/external-stream.js';
import type { PullSource } from '../util/bounded-pull.js';
import { show } from '../util/validate.js';
import { asObservable, isObservableLike } from './observable.js';

/** A source of items, available at once or over time. */
export type Input<T> = Iterable<T> | AsyncIterable<T> | Observable<T> | InteropObservable<T>;

/** A stream that may be passed for a parameter of type `AsyncIterable<T>`. */
export type StreamInput<T> = Input<T> | ReadableStream<T>;

/** Receives the reports of a source. */
export interface PullListener {
  item(item: unknown): void;
  /** Called with the error that the input throws while it is read. */
  failed(error: unknown): void;
  /** Called with the error that the input throws from its cleanup, after `leave()`. */
  cleanupFailed(error: unknown): void;
  ended(): void;
}

/**
 * Opens an input that {@link checkInput} has accepted. An Observable pushes its items. An iterator
 * is asked for one item at a time.
 */
export function open(input: unknown, listener: PullListener): PullSource {
  if (isAsyncIterable(input)) return pullAsync(asyncIteratorOf(input), listener);
  const observable = asObservable(input);
  if (observable !== undefined) return receive(observable, listener);
  return pullSync((input as Iterable<unknown>)[Symbol.iterator](), listener);
}

/**
 * Checks that the input is an iterable, an async iterable or an Observable.
 *
 * @param what the kind of the items, for the error message
 * @throws TypeError if the input is none of the three
 */
export function checkInput(input: unknown, where: string, what: string): void {
  if (isAsyncIterable(input) || isObservableLike(input) || isIterable(input)) return;
  throw new TypeError(
    `${where}: expected an iterable, an async iterable or an Observable of ${what}, got ${show(input)}. Pass an array, a generator or an Observable.`,
  );
}

function receive(input: Observable<unknown>, listener: PullListener): PullSource {
  // `leave()` uses a Subject instead of the subscription. An Observable may emit while it is being
  // subscribed to, and must be stoppable before the subscription exists.
  const left = new Subject<void>();
  let isLeft = false;
  return {
    start: () => {
      input.pipe(takeUntil(left)).subscribe({
        next: (item) => listener.item(item),
        error: (error) => listener.failed(error),
        complete: () => isLeft || listener.ended(),
      });
    },
    pull: () => {},
    leave: () => {
      isLeft = true;
      left.next();
    },
  };
}

function pullSync(iterator: Iterator<unknown>, listener: PullListener): PullSource {
  let isAsking = false;
  let isLeft = false;
  const leave = () => {
    isLeft = true;
    // The generator is running: its own code has made the reader leave. It can't return before it
    // has yielded the value that it is computing, so pull() calls leave() again.
    if (isAsking) return;
    try {
      iterator.return?.();
    } catch (error) {
      listener.cleanupFailed(error);
    }
  };
  const pull = () => {
    let result: IteratorResult<unknown>;
    isAsking = true;
    try {
      result = checked(iterator.next());
    } catch (error) {
      if (isLeft) listener.cleanupFailed(error);
      else listener.failed(error);
      return;
    } finally {
      isAsking = false;
    }
    if (isLeft) leave();
    else if (result.done) listener.ended();
    else listener.item(result.value);
  };
  return { start: () => {}, pull, leave };
}

function pullAsync(iterator: AsyncIterator<unknown>, listener: PullListener): PullSource {
  let isAsking = false;
  let isLeft = false;
  return {
    start: () => {},
    pull: () => {
      if (isAsking) return;
      isAsking = true;
      // An async function also accepts a next() that returns no promise, as `for await` does.
      (async () => checked(await iterator.next()))().then(
        (result) => {
          isAsking = false;
          if (result.done) listener.ended();
          else listener.item(result.value);
        },
        (error) => isLeft || listener.failed(error),
      );
    },
    leave: () => {
      isLeft = true;
      // A generator that is waiting in an `await` returns after that `await`. No code waits for the
      // generator.
      (async () => iterator.return?.())().catch((error) => listener.cleanupFailed(error));
    },
  };
}

function checked<T>(result: IteratorResult<T>): IteratorResult<T> {
  if (typeof result === 'object' && result !== null) return result;
  throw new TypeError(
    `The input's next() returned ${show(result)} instead of { done, value }. Return an iterator result from it.`,
  );
}

export function isIterable(input: unknown): input is Iterable<unknown> {
  return (
    typeof (input as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function' &&
    typeof input !== 'string'
  );
}
