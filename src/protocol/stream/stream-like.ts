/**
 * Recognizes streams: values that are read over time. Used for arguments of tasks.
 *
 * The copy of a stream is empty, or fails. So a value counts as a stream only if a copy of it would
 * be useless. Arrays, Maps, Sets and typed arrays are iterable too, but their copies are complete.
 */
import { interopMethod } from '../interop-observable.js';
import { isAsyncIterable } from './external-stream.js';

interface Candidate {
  readonly [Symbol.iterator]?: unknown;
  readonly next?: unknown;
  readonly getReader?: unknown;
  readonly on?: unknown;
}

/**
 * Returns true for an async iterable, an Observable, an iterator, and a stream of the web or of
 * Node. Returns true for another iterable if it has no properties, because nothing of it would
 * arrive as a copy. Returns false for a Future, although a Future is an Observable.
 */
export function isStreamLike(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (isAsyncIterable(value)) return true;
    if (typeof (value as Candidate)[Symbol.iterator] === 'function') return isUncopied(value);
    return isObservable(value) && !isFuture(value);
  } catch {
    // A getter or a trap of a Proxy throws. The copy of the value will fail in the same way.
    return false;
  }
}

export function isFuture(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Future]';
}

/**
 * Returns true if a copy of the iterable would be useless. An iterator is, even if it has data,
 * because its copy has no `next()`. So is an iterable whose copy can't be iterated and has no data.
 */
function isUncopied(value: object): boolean {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  if (typeof (value as Candidate).next === 'function') return true;
  const tag = Object.prototype.toString.call(value);
  return tag !== '[object Map]' && tag !== '[object Set]' && Object.keys(value).length === 0;
}

/** Recognizes Observables of RxJS, and of other libraries. */
function isObservable(value: object): boolean {
  // An actor, and the handles of tasks, return a function for each name that is read. `in` shows
  // that they do not have the name.
  const has = (name: 'subscribe' | 'pipe') =>
    name in value && typeof (value as Record<string, unknown>)[name] === 'function';
  return (has('subscribe') && has('pipe')) || interopMethod(value) !== undefined;
}

/**
 * Returns true for a stream that has nothing for a second reader: an iterator, or a stream of Node
 * or of the web.
 */
export function isOneShot(value: object): boolean {
  const { next, getReader, on } = value as Candidate;
  return [next, getReader, on].some((method) => typeof method === 'function');
}
