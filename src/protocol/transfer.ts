/**
 * `transfer(value)` marks a value that moves between threads instead of being copied. Used on both
 * sides.
 */
import { isUntransferable } from '#platform/transferable';
import { kindOf, withArticle } from '../util/format.js';
import { isArrayBuffer, isFileHandle } from './handle.js';
import { cancelUnread } from './stream/external-stream.js';

// Symbol.for, because a task module may have loaded another copy of this file.
const mark = Symbol.for('rx-futures.transfer');

/** The return value of {@link transfer}: a value and the parts of it that are moved. */
export interface Transferred<T> {
  readonly [mark]: true;
  readonly value: T;
  readonly list: readonly Transferable[];
  /** A function can't be cloned, so a mark inside a larger value can't arrive as data. */
  readonly whole: () => never;
}

/** Objects that can be moved. */
export type Transferable =
  | ArrayBuffer
  | MessagePortLike
  | ReadableStream
  | WritableStream
  | TransformStream
  | FileHandleLike;

/** A FileHandle of `node:fs/promises`. */
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
 * Moves a value to the other thread instead of copying it. Mark an argument of a task, or the
 * return value of a task.
 *
 * Moving takes the same few microseconds for any size. Use it for large binary data that this side
 * does not need any more.
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
 * Mark the whole argument or the whole return value. Write `transfer({ a, b })` instead of
 * `{ a: transfer(a), b }`. The next step of a chain on the same worker receives the value as it is.
 *
 * The value is empty on the caller's side as soon as `submit` returns, even if the task is later
 * cancelled or fails. A task with moved arguments can't be sent to a second worker. So it is sent
 * only when a worker can start it at once.
 *
 * @param value the value that the other side receives
 * @param list the parts to move: ArrayBuffers, MessagePorts, streams and FileHandles. By default,
 *   the value itself is moved if it is such a part or a view of an ArrayBuffer. If the value is an
 *   array or a plain object, the parts that it directly contains are moved
 * @throws TypeError if nothing in the value can be moved, or if `list` contains a part that can't
 *   be moved, or the same part twice
 */
export function transfer<T>(value: T, list?: readonly Transferable[]): T {
  const parts = list === undefined ? movable(value) : checked(list);
  if (parts.length === 0) {
    throw new TypeError(
      'transfer(value): expected an ArrayBuffer, a view of one, a MessagePort, a stream or a FileHandle, or an object or array that directly contains one. Found nothing to move. List the parts to move as the second argument: transfer(value, [value.inner.buffer]).',
    );
  }
  const moving = parts.filter((part) => !isUntransferable(part));
  // The mark is removed before the value is used, so the types do not show it.
  return marked(value, moving) as unknown as T;
}

/** Returns the mark of a value whose parts in `list` are moved. Checks nothing. */
export function marked<T>(value: T, list: readonly Transferable[]): Transferred<T> {
  return { [mark]: true, value, list, whole };
}

function whole(): never {
  throw new TypeError(
    'transfer() must mark a whole argument or a whole return value. Write transfer({ a }) instead of { a: transfer(a) }.',
  );
}

export function isTransferred(value: unknown): value is Transferred<unknown> {
  return typeof value === 'object' && value !== null && (value as Partial<Transferred<unknown>>)[mark] === true;
}

/** Removes the mark. Used if the value stays on its thread, where nothing is moved. */
export function unmarked(value: unknown): unknown {
  return isTransferred(value) ? value.value : value;
}

/** Returns true for an ArrayBuffer that was transferred, and for a view of one. Both stay empty. */
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

/**
 * Checks a transfer list. Node would find the same faults later, and its messages do not name the
 * call.
 */
function checked(list: readonly Transferable[]): readonly Transferable[] {
  const seen = new Set<unknown>();
  for (const part of list as readonly unknown[]) {
    if (ArrayBuffer.isView(part) || typeof part !== 'object' || part === null) {
      const what = typeof part === 'object' && part !== null ? withArticle(kindOf(part)) : String(part);
      throw new TypeError(
        `transfer(value, list): expected a list of ArrayBuffers, MessagePorts, FileHandles and streams, got ${what}. For a view, list its buffer: view.buffer.`,
      );
    }
    if (seen.has(part)) {
      throw new TypeError(
        `transfer(value, list): expected each part once, got the same ${kindOf(part)} twice. List each part once.`,
      );
    }
    seen.add(part);
  }
  return list;
}

/** Returns the parts of a value that can be moved: the value itself, or parts of its properties. */
export function movable(value: unknown): Transferable[] {
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
 * Closes the movable parts of values that were moved to this thread and that no task or caller
 * receives. Without that, a FileHandle would stay open until the garbage collector finds it. Node
 * 25 and later report such a FileHandle as an uncaught error. A part that was moved away from this
 * thread is not changed.
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
  if (part instanceof ReadableStream) closed = cancelUnread(part);
  else if (part instanceof WritableStream) closed = part.abort();
  else closed = (part as FileHandleLike | MessagePortLike).close();
  // A stream that was moved away is locked and rejects.
  if (closed instanceof Promise) closed.catch(() => {});
}

/** Returns true for an object that can be moved, but not cloned. */
export function isOnlyMovable(value: unknown): value is Transferable {
  return (
    value instanceof MessagePort ||
    value instanceof ReadableStream ||
    value instanceof WritableStream ||
    value instanceof TransformStream ||
    (typeof value === 'object' && value !== null && isFileHandle(value))
  );
}
