/**
 * Plain JSON in the data of a job. Dashboards show it as it is, so arguments that JSON restores
 * exactly are not encoded as text (value-text.ts).
 *
 * The values are copied, because the queue writes them later than the call that passed them.
 */
import { types } from 'node:util';

/**
 * Maximum number of values in the arguments of a task, of characters, and of levels. The check
 * costs about as much as JSON itself. V8 encodes larger values as quickly, and a dashboard has no
 * room for them.
 */
const MAX_VALUES = 1_000;
const MAX_LENGTH = 65_536;
const MAX_DEPTH = 16;
/** Characters that a number, `true` or `null` takes at most. */
const PRIMITIVE_LENGTH = 24;
/** Bytes of one character at most: `\\u0000`. */
const MAX_BYTES = 6;

const NOT_PLAIN = Symbol('not plain');

/** Returns a copy of the values, or undefined if JSON does not restore them exactly. */
export function plainCopy(values: readonly unknown[]): readonly unknown[] | undefined {
  const copy = new Copier().copy(values, 0);
  return copy === NOT_PLAIN ? undefined : (copy as readonly unknown[]);
}

/** Returns the approximate number of characters of the values as JSON. Uses no recursion. */
export function plainLength(values: readonly unknown[]): number {
  let length = 0;
  const open: unknown[] = [values];
  while (open.length > 0) {
    const value = open.pop();
    // The comma, and the brackets or quotes.
    length += 3;
    if (typeof value === 'string') length += value.length;
    else if (typeof value !== 'object' || value === null) length += PRIMITIVE_LENGTH;
    else if (Array.isArray(value)) for (const item of value) open.push(item);
    else {
      for (const key of Object.keys(value)) {
        length += key.length + 3;
        open.push((value as Record<string, unknown>)[key]);
      }
    }
  }
  return length;
}

/**
 * Returns the number of bytes of the values as JSON if it exceeds `most`, and otherwise undefined.
 *
 * @throws RangeError if the values are nested deeper than the stack allows
 */
export function plainExcess(values: readonly unknown[], most: number): number | undefined {
  if (plainLength(values) * MAX_BYTES <= most) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(values));
  return bytes > most ? bytes : undefined;
}

class Copier {
  #values = MAX_VALUES;
  #length = MAX_LENGTH;
  /** JSON would make two objects of one that occurs twice. */
  #seen: Set<object> | undefined;

  copy(value: unknown, depth: number): unknown {
    if (--this.#values < 0) return NOT_PLAIN;
    switch (typeof value) {
      case 'string':
        this.#length -= value.length;
        return this.#length < 0 ? NOT_PLAIN : value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? value : NOT_PLAIN;
      case 'boolean':
        return value;
      case 'object':
        return value === null ? null : this.#object(value, depth);
      default:
        return NOT_PLAIN;
    }
  }

  #object(value: object, depth: number): unknown {
    if (depth > MAX_DEPTH) return NOT_PLAIN;
    if (depth > 0) {
      this.#seen ??= new Set();
      // A proxy can't be cloned, so that the other form refuses it.
      if (this.#seen.has(value) || types.isProxy(value)) return NOT_PLAIN;
      this.#seen.add(value);
    }
    return Array.isArray(value) ? this.#array(value, depth) : this.#record(value as Record<string, unknown>, depth);
  }

  #array(value: readonly unknown[], depth: number): unknown {
    const { length } = value;
    // A hole is undefined, which is not plain either. Another key than an index would be lost.
    if (length > this.#values || Object.keys(value).length !== length) return NOT_PLAIN;
    const copy: unknown[] = [];
    for (let i = 0; i < length; i++) {
      const item = this.copy(value[i], depth + 1);
      if (item === NOT_PLAIN) return NOT_PLAIN;
      copy.push(item);
    }
    return copy;
  }

  #record(value: Record<string, unknown>, depth: number): unknown {
    if (Object.getPrototypeOf(value) !== Object.prototype) return NOT_PLAIN;
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      this.#length -= key.length;
      const item = key === '__proto__' ? NOT_PLAIN : this.copy(value[key], depth + 1);
      if (item === NOT_PLAIN) return NOT_PLAIN;
      copy[key] = item;
    }
    return copy;
  }
}
