/**
 * Streams of the web and of Node. Their own async iterators can't be left while they wait for a
 * value. A silent socket would stay open. And not every browser has the iterator of the web.
 */
import { setImmediate } from '#platform/time';

/** The part of a Readable of Node that is used here. */
interface NodeStream extends AsyncIterable<unknown> {
  destroy(): unknown;
}

/** Returns true for a ReadableStream, also for one of another realm or of a polyfill. */
export function isWebStream(value: unknown): value is ReadableStream<unknown> {
  return has(value, 'getReader') && has(value, 'cancel');
}

/** Returns true for a value that {@link asyncIteratorOf} can read. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> | ReadableStream<unknown> {
  return (
    typeof (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function' ||
    isWebStream(value)
  );
}

/**
 * Returns an iterator for an async iterable, or for a stream of the web or of Node. `return()` ends
 * a stream at once.
 *
 * @throws TypeError if a ReadableStream is locked by another reader
 */
export function asyncIteratorOf(source: AsyncIterable<unknown> | ReadableStream<unknown>): AsyncIterator<unknown> {
  if (!isReadByIterator(source)) return ofWebStream(source);
  const iterator = source[Symbol.asyncIterator]();
  return isNodeStream(source) ? ofNodeStream(source, iterator) : iterator;
}

/** False for a stream of the web, unless its class has an iterator of its own. */
function isReadByIterator(source: AsyncIterable<unknown> | ReadableStream<unknown>): source is AsyncIterable<unknown> {
  if (!isWebStream(source)) return true;
  const iterate: unknown = (source as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator];
  return iterate !== undefined && iterate !== ReadableStream.prototype[Symbol.asyncIterator as never];
}

function ofWebStream(stream: ReadableStream<unknown>): AsyncIterator<unknown> {
  const reader = stream.getReader();
  let isOver = false;
  const over = () => {
    isOver = true;
    reader.releaseLock();
  };
  return {
    next: async () => {
      try {
        const result = await reader.read();
        if (result.done) over();
        return result as IteratorResult<unknown>;
      } catch (error) {
        over();
        throw error;
      }
    },
    return: async () => {
      await noneScheduled();
      if (!isOver) await reader.cancel().finally(over);
      return { done: true, value: undefined };
    },
  };
}

function ofNodeStream(stream: NodeStream, iterator: AsyncIterator<unknown>): AsyncIterator<unknown> {
  let isLeft = false;
  let isAsking = false;
  return {
    next: async () => {
      isAsking = true;
      try {
        return await iterator.next();
      } catch (error) {
        // A Readable that is destroyed while it waits reports that it was closed too early.
        if (isLeft) return { done: true, value: undefined };
        throw error;
      } finally {
        isAsking = false;
      }
    },
    return: async () => {
      isLeft = true;
      // The own return() does this too, but only after the value for which it waits. A stream that
      // emits no 'close' may never end that wait.
      try {
        stream.destroy();
      } finally {
        const returning = (async () => iterator.return?.())();
        if (isAsking) returning.catch(() => {});
        else await returning;
      }
      return { done: true, value: undefined };
    },
  };
}

/** Cancels a stream that has no reader. Ignores one that was moved to another thread. */
export async function cancelUnread(stream: ReadableStream<unknown>): Promise<void> {
  await noneScheduled();
  if (!stream.locked) await stream.cancel();
}

/**
 * Waits until nothing is left that a stream has scheduled in this turn of the event loop.
 *
 * Before Node 24, a stream of `Readable.toWeb()` must not be cancelled in the turn in which it was
 * read. The read has resumed the Readable, which then emits one more value. The stream throws an
 * error outside of all promises, which ends the process.
 */
function noneScheduled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isNodeStream(source: AsyncIterable<unknown>): source is NodeStream {
  return has(source, 'destroy') && has(source, 'pipe') && has(source, 'on');
}

function has(value: unknown, name: string): boolean {
  // An actor, and the handles of tasks, return a function for each name that is read. `in` shows
  // that they do not have the name.
  return (
    typeof value === 'object' &&
    value !== null &&
    name in value &&
    typeof (value as Record<string, unknown>)[name] === 'function'
  );
}
