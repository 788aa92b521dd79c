/** What streams are made from: one way to pull from all kinds of input. */
import { type InteropObservable, type Observable, Subject, takeUntil } from 'rxjs';
import { show } from '../util/validate.js';
import { asObservable, isObservableLike } from './observable.js';

/** Items, at once or over time. */
export type Input<T> = Iterable<T> | AsyncIterable<T> | Observable<T> | InteropObservable<T>;

/** Items that come by themselves (an Observable), or one at a time when asked for. */
export interface Pull {
  /** Begins to receive, where items come by themselves. */
  start(): void;
  /** Asks for the next item. Where items come by themselves it does nothing. */
  pull(): void;
  /** The input is not needed any more. */
  leave(): void;
}

export interface PullListener {
  item(item: unknown): void;
  /** What the input throws while it is read. */
  failed(error: unknown): void;
  /** What the input throws because it is left. */
  cleanupFailed(error: unknown): void;
  ended(): void;
}

/** Opens an input that {@link checkInput} has let pass. */
export function open(input: unknown, listener: PullListener): Pull {
  if (isAsyncIterable(input)) return pullAsync(input[Symbol.asyncIterator](), listener);
  const observable = asObservable(input);
  if (observable !== undefined) return receive(observable, listener);
  return pullSync((input as Iterable<unknown>)[Symbol.iterator](), listener);
}

/** @throws TypeError when the input is of none of the three kinds; `what` names the items */
export function checkInput(input: unknown, where: string, what: string): void {
  if (isAsyncIterable(input) || isObservableLike(input) || isIterable(input)) return;
  throw new TypeError(
    `${where}: expected an iterable, an async iterable or an Observable of ${what}, got ${show(input)}`,
  );
}

function receive(input: Observable<unknown>, listener: PullListener): Pull {
  // Not the subscription: an Observable that emits while it is being subscribed to must be stoppable before there is one.
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

function pullSync(iterator: Iterator<unknown>, listener: PullListener): Pull {
  let isAsking = false;
  let isLeft = false;
  const leave = () => {
    isLeft = true;
    // A generator whose own code makes the reader leave is running: it can't return before it has given what it is at.
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

function pullAsync(iterator: AsyncIterator<unknown>, listener: PullListener): Pull {
  let isAsking = false;
  let isLeft = false;
  return {
    start: () => {},
    pull: () => {
      if (isAsking) return;
      isAsking = true;
      // In an async function: not every next() gives a promise, and `for await` takes what gives none too.
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
      // A generator that waits inside an await returns when that is over. Nothing waits for it.
      (async () => iterator.return?.())().catch((error) => listener.cleanupFailed(error));
    },
  };
}

function checked<T>(result: IteratorResult<T>): IteratorResult<T> {
  if (typeof result === 'object' && result !== null) return result;
  throw new TypeError(`The input's next() gave ${show(result)}, not { done, value }.`);
}

export function isIterable(input: unknown): input is Iterable<unknown> {
  return (
    typeof (input as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function' &&
    typeof input !== 'string'
  );
}

function isAsyncIterable(input: unknown): input is AsyncIterable<unknown> {
  return typeof (input as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
