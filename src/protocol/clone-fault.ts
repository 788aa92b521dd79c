/**
 * Finds what keeps a value from being cloned, with the path that leads to it. Called when a clone has failed, never before one: the walk
 * costs more than the clone. Nothing in a value can make it throw, not getters nor proxies.
 */
import { kindOf, withArticle } from '../util/format.js';
import { isHandle } from './handle.js';
import { holdsPort } from './ports.js';
import { isDetached, isOnlyMovable, isTransferred } from './transfer.js';

/** What is wrong with the value at a path: `{ path: 'result.handlers[0]', what: 'is a function' }`. */
export interface CloneFault {
  readonly path: string;
  readonly what: string;
  /** What to do, where it is something else than to send plain data. */
  readonly advice?: string;
}

/** Of a buffer that was moved away, or a view of one. */
const GONE = {
  what: 'was transferred before, so it is empty here',
  advice: 'Use what it was moved to, or pass a copy.',
};

/**
 * The first fault, or undefined where the value can be cloned. `root` names the value itself. `moving` are parts that need no clone, since
 * they move; where it is not the value that is at fault but one of them, that is not found either. `clone` is the attempt that must succeed; it throws
 * for a value that cannot be cloned.
 */
export function cloneFault(
  value: unknown,
  root: string,
  moving: readonly unknown[] = [],
  clone: Clone = structuredClone,
): CloneFault | undefined {
  if (isPrimitive(value) && typeof value !== 'symbol') return undefined;
  // A value with a part that moves could not be cloned for that alone.
  const error = moving.length === 0 ? cloneError(value, clone) : undefined;
  if (error === undefined && moving.length === 0) return undefined;
  try {
    const found = new Search(moving, clone).culprit(value, root);
    if (found !== undefined || error === undefined) return found;
    return { path: root, what: `holds something that can't be cloned (${error})` };
  } catch {
    return { path: root, what: `can't be cloned (${error})` };
  }
}

type Clone = (value: any) => unknown;

class Search {
  readonly #moving: ReadonlySet<unknown>;
  readonly #clone: Clone;
  readonly #seen = new Set<unknown>();
  /** Parts that move, as far as the search has met them. */
  #met = 0;

  constructor(moving: readonly unknown[], clone: Clone) {
    this.#moving = new Set(moving);
    this.#clone = clone;
  }

  culprit(value: unknown, path: string): CloneFault | undefined {
    if (typeof value === 'function')
      return { path, what: value.name ? `is the function ${value.name}` : 'is a function' };
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
    // What holds a part that moves can't be cloned without that, so it can't be asked whether it is at fault itself.
    if (found !== undefined || this.#met > before) return found;
    // None of its parts is to blame: then it is the object itself (a Promise, a WeakMap, a socket …), unless it clones.
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

/** Things that are met so often that there is advice for them. */
function knownFault(value: object): Omit<CloneFault, 'path'> | undefined {
  if (isDetached(value)) return GONE;
  if (isTransferred(value)) {
    return { what: 'is a transfer() inside a larger value (mark the whole: transfer({ … }))' };
  }
  if (isOnlyMovable(value)) {
    const what = `is ${withArticle(kindOf(value))}, which can be moved, but not copied`;
    return { what, advice: 'Mark the whole with transfer(), or leave it out.' };
  }
  switch (Object.prototype.toString.call(value)) {
    case '[object Future]':
      return { what: 'is a Future (only an argument itself may be one; wait for several with all([…]))' };
    case '[object Promise]':
      return { what: 'is a Promise (await it first, or pass Future.from(promise) as the argument)' };
    default:
      return undefined;
  }
}

function* parts(value: object, path: string): Iterable<[read: () => unknown, path: string]> {
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

/** Why a value can't be cloned; undefined where it can. */
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
    return 'an error that has no text';
  }
}

function access(value: object, key: string): string {
  if (Array.isArray(value)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}
