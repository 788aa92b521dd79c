/**
 * Collects values that leave a thread together. On a worker, they are the results of jobs or the
 * values of a stream. On the main thread, they are the values of a stream argument.
 *
 * Posts the values as one message. If one value can't be posted, posts each value alone, so that
 * the others arrive.
 */
import { copyBytes, isBytes } from '../bytes.js';
import { explainUnclonable } from '../clone-fault.js';
import { LazyValue } from '../lazy-value.js';
import { copyOrWrite, copyPlain, isCopy, isImmutable } from '../plain.js';
import { refusePorts } from '../ports.js';
import { closeUnused, isTransferred, type Transferable, unmarked } from '../transfer.js';

/**
 * Maximum time in ms for which a value waits for others. A person or a socket notices a delay of
 * about ten times this value.
 */
export const MAX_BATCH_WAIT_MS = 1;

/**
 * Posts `values`, which are the values of the batch from index `first` on, and moves the parts in
 * `transfer`.
 */
type PostValues = (values: readonly unknown[], transfer: readonly Transferable[] | undefined, first: number) => void;

/**
 * Handles a value that could not be posted. Returns false if the values behind it must not be
 * posted.
 */
type Refuse = (value: unknown, cause: unknown, index: number) => boolean;

/** How a value was added: as a copy, as the data of a LazyValue, or the value itself. */
export type Added = 'copied' | 'encoded' | 'itself';

export class OutgoingBatch {
  #values: unknown[] = [];
  /** Parts of values that are moved, by the index of the value. */
  #transfers: Map<number, readonly Transferable[]> | undefined;

  get size(): number {
    return this.#values.length;
  }

  /** The value that was added last, as it will be sent. */
  get last(): unknown {
    return this.#values.at(-1);
  }

  /**
   * Adds a value as it is now, because the task may change the value while it waits. Returns true
   * if the value was not copied. Then the batch must be sent before the task continues.
   *
   * @throws TypeError if the value contains a MessagePort that is not moved
   */
  add(value: unknown): boolean {
    return this.#add(value, copyPlain) === 'itself';
  }

  /**
   * As {@link add}, but encodes larger plain data. The receiver has to decode the data.
   *
   * @throws TypeError if the value contains a MessagePort that is not moved
   */
  addOrEncode(value: unknown): Added {
    return this.#add(value, copyOrWrite);
  }

  #add(value: unknown, copyValue: (value: unknown) => unknown): Added {
    if (!isImmutable(value)) return this.#addObject(value, copyValue);
    this.#values.push(value);
    return 'copied';
  }

  #addObject(value: unknown, copyValue: (value: unknown) => unknown): Added {
    if (isTransferred(value) && value.list.length > 0) {
      refusePorts(value.value, value.list);
      this.addMoved(value.value, value.list);
      return 'copied';
    }
    const own = unmarked(value);
    const copy = copyNow(own, copyValue);
    if (copy === NOT_COPIED) {
      this.#values.push(own);
      return 'itself';
    }
    const isEncoded = copy instanceof LazyValue;
    this.#values.push(isEncoded ? copy.data : copy);
    return isEncoded ? 'encoded' : 'copied';
  }

  /** Adds a value that no task can change any more. */
  addFinal(value: unknown): void {
    this.#values.push(value);
  }

  /** Adds a value and moves the parts in `transfer`. */
  addMoved(value: unknown, transfer: readonly Transferable[]): void {
    this.#transfers ??= new Map();
    this.#transfers.set(this.#values.length, transfer);
    this.#values.push(value);
  }

  /** Removes all values without sending them. Closes their movable parts. */
  discard(): void {
    for (const parts of this.#transfers?.values() ?? []) closeUnused(parts);
    this.#clear();
  }

  /** Sends all values. Returns false if `refuse` ended the sending. */
  send(post: PostValues, refuse: Refuse): boolean {
    const values = this.#values;
    const transfers = this.#transfers;
    this.#clear();
    try {
      post(values, transfers && [...transfers.values()].flat(), 0);
      return true;
    } catch {
      // The error does not name the value that can't be cloned.
      return sendOneByOne(values, transfers, post, refuse);
    }
  }

  #clear(): void {
    this.#values = [];
    this.#transfers = undefined;
  }
}

function sendOneByOne(
  values: readonly unknown[],
  transfers: ReadonlyMap<number, readonly Transferable[]> | undefined,
  post: PostValues,
  refuse: Refuse,
): boolean {
  for (let i = 0; i < values.length; i++) {
    try {
      post([values[i]], transfers?.get(i), i);
    } catch (error) {
      if (!refuse(values[i], error, i)) return false;
    }
  }
  return true;
}

const NOT_COPIED = Symbol('not copied');

/**
 * Copies plain data, and views of a larger buffer. Returns NOT_COPIED for any other value.
 *
 * @throws TypeError if the value contains a MessagePort
 */
function copyNow(value: unknown, copyValue: (value: unknown) => unknown): unknown {
  try {
    const copy = copyValue(value);
    if (isCopy(copy)) return copy;
  } catch {
    // A getter of the value has thrown. The getter throws again when the value is posted, and the
    // task is rejected with that error.
  }
  // A clone would copy the whole buffer. For a small Buffer, that is Node's pool, which contains
  // bytes of other Buffers.
  if (isBytes(value) && value.byteLength < value.buffer.byteLength) return copyBytes(value);
  refusePorts(value);
  return NOT_COPIED;
}

/**
 * Returns the error for a value that can't be sent. `name` is the name of the value in the message.
 */
export function unsendable(value: unknown, cause: unknown, name: string): Error {
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Generator]' || tag === '[object AsyncGenerator]') {
    return new TypeError(
      'The task is a generator function, which yields many values, but a Future has one value. Read the values with task.stream(…) or executor.stream(task, …), or return an array: `return [...items()]`.',
    );
  }
  // If the value has no fault, the transfer list is wrong: it contains a part twice, or a part that
  // was transferred before.
  return explainUnclonable(value, name, cause);
}
