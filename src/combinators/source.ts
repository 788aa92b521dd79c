/** What the combinators take: checks, and one way to pull from all kinds of input. */
import { isObservable, type Observable, Subject, takeUntil } from 'rxjs';
import { show } from '../check.js';
import { Future } from '../future/future.js';

/** Futures, at once or over time. */
export type FutureInput<F extends Future<any>> = Iterable<F> | AsyncIterable<F> | Observable<F>;

/** What a future is of. */
export type ValueOf<F> = F extends Future<infer T> ? T : never;

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
  failed(error: unknown): void;
  ended(): void;
}

/** Opens an input that {@link checkInput} has let pass. */
export function open(input: unknown, listener: PullListener): Pull {
  if (isAsyncIterable(input)) return pullAsync(input[Symbol.asyncIterator](), listener);
  if (isObservable(input)) return receive(input, listener);
  return pullSync((input as Iterable<unknown>)[Symbol.iterator](), listener);
}

/** @throws TypeError when the input is of none of the three kinds */
export function checkInput(input: unknown, where: string): void {
  if (isAsyncIterable(input) || isObservable(input) || isIterable(input)) return;
  throw new TypeError(
    `${where}: expected an iterable, an async iterable or an Observable of Futures, got ${show(input)}`,
  );
}

/** @throws TypeError naming the item that is no Future */
export function futuresOf<F extends Future<any>>(input: Iterable<F>, where: string): F[] {
  if (!isIterable(input)) throw new TypeError(`${where}: expected an iterable of Futures, got ${show(input)}`);
  return Array.from(input, (item, i) => checkFuture(item, `${where}: item ${i}`) as F);
}

/** @throws TypeError when the item is no Future */
export function checkFuture(item: unknown, where: string): Future<any> {
  if (item instanceof Future) return item;
  const hint = item instanceof Promise ? ' Future.from(promise) makes one of it.' : '';
  throw new TypeError(`${where}: expected a Future, got ${show(item)}.${hint}`);
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
  return {
    start: () => {},
    pull: () => {
      let result: IteratorResult<unknown>;
      try {
        result = iterator.next();
      } catch (error) {
        listener.failed(error);
        return;
      }
      if (result.done) listener.ended();
      else listener.item(result.value);
    },
    leave: () => void iterator.return?.(),
  };
}

function pullAsync(iterator: AsyncIterator<unknown>, listener: PullListener): Pull {
  let isAsking = false;
  return {
    start: () => {},
    pull: () => {
      if (isAsking) return;
      isAsking = true;
      iterator.next().then(
        (result) => {
          isAsking = false;
          if (result.done) listener.ended();
          else listener.item(result.value);
        },
        (error) => listener.failed(error),
      );
    },
    // A generator that waits inside an await hears of it when that is over; nobody has to wait for it.
    leave: () => void iterator.return?.().catch(() => {}),
  };
}

function isIterable(input: unknown): input is Iterable<unknown> {
  return (
    typeof (input as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function' &&
    typeof input !== 'string'
  );
}

function isAsyncIterable(input: unknown): input is AsyncIterable<unknown> {
  return typeof (input as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
