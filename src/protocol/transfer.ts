/** `transfer(value)`: the mark by which a value moves between threads instead of being copied. Known on both sides. */
import workerThreads from 'node:worker_threads';
import { kindOf, withArticle } from '../util/format.js';
import { isArrayBuffer, isFileHandle } from './handle.js';

// By Symbol.for, since a task module may have loaded another copy of this file.
const mark = Symbol.for('rx-futures.transfer');

/** What {@link transfer} returns: the value and what is to be moved with it. */
export interface Transferred<T> {
  readonly [mark]: true;
  readonly value: T;
  readonly list: readonly Transferable[];
  /** Can't be cloned: a mark inside a larger value must not arrive as data. */
  readonly whole: () => never;
}

/** Things that can be moved. */
export type Transferable =
  | ArrayBuffer
  | MessagePortLike
  | ReadableStream
  | WritableStream
  | TransformStream
  | FileHandleLike;

/** Of `node:fs/promises`. */
interface FileHandleLike {
  readonly fd: number;
  close(): Promise<void>;
}

interface MessagePortLike {
  postMessage(value: unknown): void;
  start(): void;
  close(): void;
}

/**
 * Moves a value to the other thread instead of copying it: as an argument of a task, or as what a task returns. Moving takes
 * the same few microseconds for any size. Use it for large binary data that this side doesn't need any more.
 *
 * ```ts
 * const image = new Uint8Array(4_000_000).fill(1);
 * console.log(await sum(transfer(image))); // a task moves its result in the same way: return transfer(pixels)
 * console.log(image.byteLength);
 * // Output:
 * // 4000000
 * // 0
 * ```
 *
 * @param value what the other side receives
 * @param list the parts to move; by default the value itself, where it is an ArrayBuffer, a view of one, a MessagePort, a stream or a FileHandle, and
 *   those directly in it, where it is an array or a plain object
 * @throws TypeError when nothing in the value can be moved, or `list` names what can't be
 *
 * It marks a whole argument, or the whole of what a task returns: `transfer({ a, b })`, not `{ a: transfer(a), b }`. To the next step of a
 * chain that runs on the same side the value goes as it is.
 *
 * The caller's value is empty from the moment of `submit`, also if the task is cancelled or fails later. A task with moved
 * arguments can't be given to another worker once it was sent, so it isn't sent ahead of time.
 */
export function transfer<T>(value: T, list?: readonly Transferable[]): T {
  const parts = list === undefined ? movable(value) : checked(list);
  if (parts.length === 0) {
    throw new TypeError(
      'transfer(value): expected an ArrayBuffer, a view of one, a MessagePort or a stream, or an object or array that directly holds one; found none to move. Name the parts to move as the second argument: transfer(value, [value.inner.buffer]).',
    );
  }
  const moving = parts.filter((part) => !staysHere(part));
  // The mark is taken off before anyone sees the value, so to the types it is not there.
  return { [mark]: true, value, list: moving, whole } satisfies Transferred<T> as unknown as T;
}

/** Node keeps some buffers where they are, the pool of small Buffers above all. They are copied, with what shows them; a small Buffer is a copy soon. */
function staysHere(part: Transferable): boolean {
  if (part === pool()) return true;
  // Node 20 has no such question, and copies them itself.
  const { isMarkedAsUntransferable } = workerThreads as { isMarkedAsUntransferable?(part: unknown): boolean };
  return isMarkedAsUntransferable?.(part) === true;
}

/** The pool of small Buffers, as it is now. Node makes another one when it is full. */
function pool(): unknown {
  return typeof Buffer === 'function' ? Buffer.from('x').buffer : undefined;
}

function whole(): never {
  throw new TypeError('transfer() marks a whole argument, or the whole of what a task returns.');
}

export function isTransferred(value: unknown): value is Transferred<unknown> {
  return typeof value === 'object' && value !== null && (value as Partial<Transferred<unknown>>)[mark] === true;
}

/** The value behind the mark, for whoever gets it on the thread where it is: nothing moves there. */
export function unmarked(value: unknown): unknown {
  return isTransferred(value) ? value.value : value;
}

/** Of an ArrayBuffer that was moved away, or a view of it: it is empty here for good. */
export function isDetached(value: unknown): boolean {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!isArrayBuffer(buffer) || buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** What is wrong here would be found by Node too, but far from here, and with other words. */
function checked(list: readonly Transferable[]): readonly Transferable[] {
  const seen = new Set<unknown>();
  for (const part of list as readonly unknown[]) {
    if (ArrayBuffer.isView(part) || typeof part !== 'object' || part === null) {
      const what = typeof part === 'object' && part !== null ? withArticle(kindOf(part)) : String(part);
      throw new TypeError(
        `transfer(value, list): expected a list of ArrayBuffers, MessagePorts, FileHandles and streams, got ${what}. Of a view name the buffer: view.buffer.`,
      );
    }
    if (seen.has(part)) {
      throw new TypeError(`transfer(value, list): expected each part once, got the same ${kindOf(part)} twice.`);
    }
    seen.add(part);
  }
  return list;
}

function movable(value: unknown): Transferable[] {
  const direct = movablePart(value);
  if (direct !== undefined) return [direct];
  if (typeof value !== 'object' || value === null) return [];
  const parts = new Set<Transferable>();
  for (const part of Object.values(value)) {
    const found = movablePart(part);
    if (found !== undefined) parts.add(found);
  }
  return [...parts];
}

function movablePart(value: unknown): Transferable | undefined {
  if (isArrayBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return isArrayBuffer(value.buffer) ? value.buffer : undefined;
  return isOnlyMovable(value) ? value : undefined;
}

/**
 * Closes the movable parts of values that were moved to this thread and that no task or caller receives. Without it a FileHandle is open
 * until it is collected, which Node 25 and later report as an uncaught error. A part that has moved on is not changed.
 */
export function closeUnused(values: readonly unknown[]): void {
  for (const value of values) for (const part of movable(value)) close(part);
}

function close(part: Transferable): void {
  if (isArrayBuffer(part)) return;
  if (part instanceof TransformStream) {
    close(part.readable);
    close(part.writable);
    return;
  }
  let closed: unknown;
  if (part instanceof ReadableStream) closed = part.cancel();
  else if (part instanceof WritableStream) closed = part.abort();
  else closed = (part as FileHandleLike | MessagePortLike).close();
  // A stream that has moved on is locked and refuses.
  if (closed instanceof Promise) closed.catch(() => {});
}

/** Of things that can't be cloned, but moved. */
export function isOnlyMovable(value: unknown): value is Transferable {
  return (
    value instanceof MessagePort ||
    value instanceof ReadableStream ||
    value instanceof WritableStream ||
    value instanceof TransformStream ||
    (typeof value === 'object' && value !== null && isFileHandle(value))
  );
}
