/**
 * Explains why a value can't be cloned. Finds the part at fault and the path that leads to it, and
 * makes the error for the user.
 *
 * Call these functions only after a clone has failed, because the search costs more than the clone.
 * No value can make them throw, not even by getters and proxies.
 */
import { SerializationError } from '../errors.js';
import { kindOf, withArticle } from '../util/format.js';
import { isHandle } from './handle.js';
import { misuse } from './misuse.js';
import { holdsPort } from './ports.js';
import { NoBytesError, toBytes } from './serialize.js';
import { isShared } from './shared-mark.js';
import { isDetached, isOnlyMovable, isTransferred } from './transfer.js';

/** The fault at a path of a value: `{ path: 'result.handlers[0]', what: 'is a function' }`. */
export interface CloneFault {
  readonly path: string;
  readonly what: string;
  /** Advice for the user, if there is better advice than to send plain data. */
  readonly advice?: string;
  /** The call that received the value throws the error, as a TypeError. */
  readonly isMisuse?: boolean;
}

/** The fault of a buffer that was transferred, and of a view of such a buffer. */
const GONE = {
  what: 'was transferred before, so it is empty here',
  advice: 'Transfer each buffer only once, or pass a copy.',
};

/**
 * Returns the first fault, or `undefined` if the value can be cloned. Faults inside moved parts are
 * not detected.
 *
 * @param root name of the value, which is the first part of the path
 * @param moving parts that are moved and need no clone
 * @param clone the attempt that must succeed: it throws for a value that can't be cloned
 */
export function cloneFault(
  value: unknown,
  root: string,
  moving: readonly unknown[] = [],
  clone: Clone = structuredClone,
): CloneFault | undefined {
  if (isPrimitive(value) && typeof value !== 'symbol') return undefined;
  // A value with moved parts can't be cloned as a whole, so the attempt would prove nothing.
  const error = moving.length === 0 ? cloneError(value, clone) : undefined;
  if (error === undefined && moving.length === 0) return undefined;
  try {
    const found = new Search(moving, clone).culprit(value, root);
    if (found !== undefined || error === undefined) return found;
    return { path: root, what: `contains a value that can't be cloned (${error})` };
  } catch {
    return { path: root, what: `can't be cloned (${error})` };
  }
}

/**
 * Throws if a value cannot leave this side. It clones a value, or writes it as bytes in a child
 * process.
 */
let tryToSend: (value: any) => unknown = structuredClone;

/** Called once in a child process, because its values leave as bytes. */
export function leaveBy(toBytesOfProcess: (value: unknown) => unknown): void {
  tryToSend = toBytesOfProcess;
}

/** Returns the reason why the value can't leave this side. `undefined` if it can. */
export function leaveFault(value: unknown, path: string): CloneFault | undefined {
  return cloneFault(value, path, [], tryToSend);
}

/**
 * Returns the error for a value that can't be cloned. `fault` is the result of {@link cloneFault}.
 */
export function unclonable(
  { path, what, advice, isMisuse }: CloneFault,
  cause?: unknown,
): SerializationError | TypeError {
  if (isMisuse) return misuse(`${path} ${what}. ${advice}`);
  const where = cause instanceof NoBytesError ? 'processes' : 'threads';
  const message =
    advice === undefined
      ? `${path} ${what}, which can't be copied between ${where}. Send plain data instead, or leave it out.`
      : `${path} ${what}. ${advice}`;
  return new SerializationError(message, { path, cause });
}

/**
 * Returns the error for a value that could not be cloned or posted. `cause` is the error of the
 * attempt, for example the error of a getter.
 */
export function explainUnclonable(value: unknown, path: string, cause: unknown): SerializationError | TypeError {
  const fault = cloneFault(value, path, [], cause instanceof NoBytesError ? toBytes : undefined);
  if (fault !== undefined) return unclonable(fault, cause);
  const reason = messageOf(cause).replace(/\.$/, '');
  const message = `${path} can't be copied: ${reason}. Send plain data instead, or leave it out.`;
  return new SerializationError(message, { path, cause });
}

/**
 * Returns the error for a value with moved parts that could not be posted. `cause` is the error of
 * the attempt.
 */
export function explainUnmovable(
  value: unknown,
  path: string,
  parts: readonly unknown[],
  cause: unknown,
): SerializationError | TypeError {
  const there = parts.filter((part) => !isDetached(part));
  const fault = cloneFault(value, path, there);
  if (fault !== undefined) return unclonable(fault, cause);
  const what =
    there.length < parts.length
      ? 'a buffer was transferred before. Transfer each buffer only once, or pass a copy.'
      : `${messageOf(cause).replace(/\.$/, '')}. Check the parts that transfer() is to move.`;
  return new SerializationError(`${path} can't be moved: ${what}`, { path, cause });
}

type Clone = (value: any) => unknown;

class Search {
  readonly #moving: ReadonlySet<unknown>;
  readonly #clone: Clone;
  readonly #seen = new Set<unknown>();
  /** Number of moved parts that the search has met. */
  #met = 0;

  constructor(moving: readonly unknown[], clone: Clone) {
    this.#moving = new Set(moving);
    this.#clone = clone;
  }

  culprit(value: unknown, path: string): CloneFault | undefined {
    if (typeof value === 'function')
      return { path, what: value.name ? `is the function "${value.name}"` : 'is a function' };
    if (typeof value === 'symbol') return { path, what: 'is a symbol' };
    if (isPrimitive(value) || this.#seen.has(value)) return undefined;
    this.#seen.add(value);
    if (this.#moving.has(value)) {
      this.#met++;
      return undefined;
    }
    const known = knownFault(value as object);
    if (known !== undefined) return { path, ...known };
    const before = this.#met;
    const found = this.#inParts(value as object, path);
    // A value that contains a moved part can't be cloned on its own, so no attempt can show whether
    // the value is at fault itself.
    if (found !== undefined || this.#met > before) return found;
    // All parts can be cloned. If the attempt fails, the object itself is at fault (a Promise, a
    // WeakMap, a socket).
    if (cloneError(value, this.#clone) === undefined) return undefined;
    return { path, what: `is ${withArticle(kindOf(value as object))}` };
  }

  #inParts(value: object, path: string): CloneFault | undefined {
    for (const [read, partPath] of parts(value, path)) {
      let part: unknown;
      try {
        part = read();
      } catch (error) {
        return { path: partPath, what: `throws when it is read (${messageOf(error)})` };
      }
      const found = this.culprit(part, partPath);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Returns the fault of a kind of object that is met often, with advice. */
export function knownFault(value: object): Omit<CloneFault, 'path'> | undefined {
  if (isDetached(value)) return GONE;
  if (isTransferred(value)) {
    return { what: 'is a transfer() inside a larger value', advice: 'Mark the whole value: transfer({ … }).' };
  }
  if (isShared(value)) {
    const what = `is the Shared "${value.name}", which must be an argument of its own`;
    return { what, advice: 'Pass the Shared itself as an argument of the task.', isMisuse: true };
  }
  if (isOnlyMovable(value)) {
    const what = `is ${withArticle(kindOf(value))}, which can be moved, but not copied`;
    return { what, advice: 'Mark the whole value with transfer(), or leave the part out.' };
  }
  switch (Object.prototype.toString.call(value)) {
    case '[object Future]':
      return {
        what: 'is a Future',
        advice: 'Pass the Future itself as an argument, or wait for several with all([…]).',
      };
    case '[object Promise]':
      return { what: 'is a Promise', advice: 'Await it first, or pass Future.from(promise) as the argument.' };
    default:
      return undefined;
  }
}

/** Lists the parts of a value that structuredClone copies, each with its path. */
export function* parts(value: object, path: string): Iterable<[read: () => unknown, path: string]> {
  if (value instanceof Map) {
    let index = 0;
    for (const [key, entry] of value) {
      const name = typeof key === 'string' ? JSON.stringify(key) : isPrimitive(key) ? String(key) : `keys()[${index}]`;
      yield [() => key, `${path}.keys()[${index++}]`];
      yield [() => entry, `${path}.get(${name})`];
    }
  } else if (value instanceof Set) {
    let index = 0;
    for (const entry of value) yield [() => entry, `${path}.values()[${index++}]`];
  } else if (!ArrayBuffer.isView(value) && !isHandle(value)) {
    for (const key of Object.keys(value)) {
      yield [() => (value as Record<string, unknown>)[key], `${path}${access(value, key)}`];
    }
    if (value instanceof Error) yield [() => value.cause, `${path}.cause`];
  }
}

/** Returns the reason why a value can't be cloned. `undefined` if it can. */
function cloneError(value: unknown, clone: Clone): string | undefined {
  if (holdsPort(value)) return 'a MessagePort';
  try {
    clone(value);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'an error without a text';
  }
}

function access(value: object, key: string): string {
  if (Array.isArray(value)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}
