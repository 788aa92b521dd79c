/**
 * Built-in classes in the sandbox of a test runner.
 *
 * Jest and the pool `vmThreads` of Vitest evaluate each file in a context of node:vm, which has its
 * own `Object`, `Array`, `Map` and so on. Node creates the values that it clones in the main
 * context, so `instanceof` would be false for them in a test.
 */
import { parse } from 'node:path';
import { VIEW_KINDS } from './view-kinds.js';

/** True in a sandbox: a plain object of Node has another `Object`. */
const isSandboxed = !(parse('') instanceof Object);

/**
 * Makes a cloned value, and all values in it, instances of the classes of this context. Changes the
 * value itself and returns it. Outside of a sandbox there is nothing to change.
 */
export const adopt: <T>(value: T) => T = isSandboxed ? adoptAll : (value) => value;

function adoptAll<T>(value: T): T {
  const open: unknown[] = [value];
  const seen = new Set<object>();
  // Uses no recursion, because a value may be nested deeper than the stack allows.
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    seen.add(part);
    const own = prototypeHere(Object.getPrototypeOf(part));
    // Other classes, such as MessagePort, are the same in each context.
    if (own === undefined) continue;
    Object.setPrototypeOf(part, own);
    if (ArrayBuffer.isView(part)) open.push(part.buffer);
    else if (part instanceof Map) for (const [key, item] of part) open.push(key, item);
    else if (part instanceof Set) open.push(...part);
    else for (const key of Reflect.ownKeys(part)) open.push(Reflect.get(part, key));
  }
  return value;
}

const cloneable = new Set([
  'Object',
  'Array',
  'Map',
  'Set',
  'Date',
  'RegExp',
  'Boolean',
  'Number',
  'String',
  'BigInt',
  'ArrayBuffer',
  'SharedArrayBuffer',
  ...VIEW_KINDS,
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
]);

/** Maps a prototype of the main context to the same prototype of this context. */
const known = new Map<object, object | undefined>();

function prototypeHere(prototype: object | null): object | undefined {
  if (prototype === null) return undefined;
  if (!known.has(prototype)) {
    const { name } = prototype.constructor;
    const type = cloneable.has(name)
      ? (globalThis as unknown as Record<string, Function | undefined>)[name]
      : undefined;
    known.set(prototype, type?.prototype as object | undefined);
  }
  return known.get(prototype);
}
