/**
 * Finds what keeps a value from being cloned, with the path that leads to it. Called when a clone has failed, never before one: the walk
 * costs more than the clone. Nothing in a value can make it throw, not getters nor proxies.
 */
import { kindOf, withArticle } from '../words.js';
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
 * The first fault, or undefined where the value can be cloned. `root` names the value itself; `moving` are the parts that need no clone,
 * since they move.
 */
export function cloneFault(value: unknown, root: string, moving: readonly unknown[] = []): CloneFault | undefined {
  if (isPrimitive(value) && typeof value !== 'symbol') return undefined;
  const error = cloneError(value);
  if (error === undefined) return undefined;
  try {
    const found = culprit(value, root, new Set(moving));
    if (found !== undefined || isOfPartThatMoves(error)) return found;
    return { path: root, what: `holds something that can't be cloned (${messageOf(error.thrown)})` };
  } catch {
    return { path: root, what: `can't be cloned (${messageOf(error.thrown)})` };
  }
}

/** `seen`: what was looked at, and what needs no look. */
function culprit(value: unknown, path: string, seen: Set<unknown>): CloneFault | undefined {
  if (typeof value === 'function')
    return { path, what: value.name ? `is the function ${value.name}` : 'is a function' };
  if (typeof value === 'symbol') return { path, what: 'is a symbol' };
  if (isPrimitive(value) || seen.has(value)) return undefined;
  seen.add(value);
  if (isDetached(value)) return { path, ...GONE };
  const known = knownFault(value as object);
  if (known !== undefined) return { path, what: known };
  for (const [read, partPath] of parts(value as object, path)) {
    let part: unknown;
    try {
      part = read();
    } catch (error) {
      return { path: partPath, what: `throws when it is read (${messageOf(error)})` };
    }
    const found = culprit(part, partPath, seen);
    if (found !== undefined) return found;
  }
  // None of its parts is to blame: then it is the object itself (a Promise, a WeakMap, a socket …), unless it clones.
  const error = cloneError(value);
  if (error === undefined || isOfPartThatMoves(error)) return undefined;
  return { path, what: `is ${withArticle(kindOf(value as object))}` };
}

/** Things that are met so often that there is advice for them. */
function knownFault(value: object): string | undefined {
  if (isTransferred(value)) return 'is a transfer() inside a larger value (mark the whole: transfer({ … }))';
  if (isOnlyMovable(value)) return `is ${withArticle(kindOf(value))} (it can be moved: mark the whole with transfer())`;
  switch (Object.prototype.toString.call(value)) {
    case '[object Future]':
      return 'is a Future (only an argument itself may be one; wait for several with all([…]))';
    case '[object Promise]':
      return 'is a Promise (await it first, or pass Future.from(promise) as the argument)';
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
  } else if (!ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value)) {
      yield [() => (value as Record<string, unknown>)[key], `${path}${access(value, key)}`];
    }
  }
}

/** Why a value can't be cloned; undefined where it can. In a box, since a getter may throw undefined too. */
function cloneError(value: unknown): { readonly thrown: unknown } | undefined {
  try {
    structuredClone(value);
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

/** Nothing was wrong but a port or a stream in the value; that is found by itself, unless it is moving. */
function isOfPartThatMoves({ thrown }: { readonly thrown: unknown }): boolean {
  return (thrown as { code?: unknown } | null | undefined)?.code === 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST';
}

export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
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
