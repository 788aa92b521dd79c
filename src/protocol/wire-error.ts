/**
 * Encodes errors as data.
 *
 * Structured clone keeps only the name, message and stack of a built-in error. This encoding also
 * keeps the class (if it is built in or belongs to this library), own properties, `cause`, and the
 * `errors` of an AggregateError. It accepts any other thrown value too.
 */
import { errorBrand, errorClasses } from '../errors.js';
import { leaveFault, messageOf, unclonable } from './clone-fault.js';
import { stackOf } from './error-text.js';

export type WireError =
  | { readonly type: 'value'; readonly value: unknown }
  | {
      readonly type: 'error';
      /**
       * Names of the error's class and its base classes, the nearest first, up to a class that
       * every side has.
       */
      readonly classes: readonly string[];
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly cause: WireError | undefined;
      readonly errors: readonly WireError[] | undefined;
      /** Own properties that are errors, and the two errors of a SuppressedError. */
      readonly inner?: Readonly<Record<string, WireError>>;
    };

/** A class whose prototype a decoded error can have. */
export type ErrorClass = abstract new (...args: any[]) => Error;

const builtIn: Readonly<Record<string, ErrorClass>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  DOMException,
  // Only Node 24 and later have this class.
  ...('SuppressedError' in globalThis ? { SuppressedError: (globalThis as any).SuppressedError } : {}),
};

/**
 * Maximum number of errors that are encoded for one error: causes, and members of aggregates. The
 * rest is cut, which bounds the cost of errors that refer to each other.
 */
const MAX_ERRORS = 200;

/**
 * Encodes any thrown value as data that can be posted. A part that can't be cloned is replaced by a
 * description. Never throws.
 */
export function encodeError(thrown: unknown, where = 'error'): WireError {
  try {
    return new Encoder().encode(thrown, where);
  } catch (error) {
    // The traps of a proxy can throw when the encoder reads it.
    const fault = { path: where, what: `throws when it is read (${messageOf(error)})` };
    return new Encoder().encode(unclonable(fault), where);
  }
}

class Encoder {
  /** Errors that are being encoded, the outermost first. Meeting one of them again is a cycle. */
  readonly #open = new Set<unknown>();
  #count = 0;

  encode(thrown: unknown, where: string): WireError {
    if (this.#open.has(thrown)) return { type: 'value', value: `[circular: ${where}]` };
    if (++this.#count > MAX_ERRORS) return { type: 'value', value: `[cut: ${where}, after ${MAX_ERRORS} errors]` };
    if (!isError(thrown)) {
      const fault = leaveFault(thrown, where);
      return fault === undefined ? { type: 'value', value: thrown } : this.encode(unclonable(fault), where);
    }
    this.#open.add(thrown);
    const cause = read(thrown, 'cause');
    const errors = read(thrown, 'errors');
    const inner = this.#inner(thrown, where);
    const wire: WireError = {
      type: 'error',
      classes: originalClasses.get(thrown) ?? classesOf(thrown),
      name: text(read(thrown, 'name'), 'Error'),
      message: text(read(thrown, 'message'), ''),
      stack: stackOf(thrown),
      properties: ownProperties(thrown, inner),
      inner,
      cause: 'cause' in thrown ? this.encode(cause, `${where}.cause`) : undefined,
      errors: Array.isArray(errors) ? errors.map((error, i) => this.encode(error, `${where}.errors[${i}]`)) : undefined,
    };
    this.#open.delete(thrown);
    return wire;
  }

  #inner(thrown: Error, where: string): Record<string, WireError> | undefined {
    let inner: Record<string, WireError> | undefined;
    const add = (key: string, value: unknown) => {
      inner ??= {};
      inner[key] = this.encode(value, `${where}.${key}`);
    };
    for (const key of Object.keys(thrown)) {
      if (encodedApart.has(key)) continue;
      const value = read(thrown, key);
      // An error that contains this one is left out here. It is cloned as a property, and a clone
      // can contain a cycle.
      if (isError(value) && !this.#open.has(value)) add(key, value);
    }
    // In a SuppressedError, these properties are not enumerable.
    for (const key of ['error', 'suppressed']) {
      if (inner?.[key] === undefined && isHidden(thrown, key)) add(key, read(thrown, key));
    }
    return inner;
  }
}

function isHidden(error: Error, key: string): boolean {
  return Object.getOwnPropertyDescriptor(error, key)?.enumerable === false;
}

/**
 * Class names of errors that were decoded here, which this side may not have. They are kept for
 * encoding the error again.
 */
const originalClasses = new WeakMap<Error, readonly string[]>();

/**
 * The inverse of {@link encodeError}. Returns an error of the same class, if this side has the
 * class. `extra` contains the classes of the user.
 */
export function decodeError(wire: WireError, extra: Readonly<Record<string, ErrorClass>> = {}): unknown {
  if (wire.type === 'value') return wire.value;
  const isDom = wire.classes.at(-1) === 'DOMException';
  const error = isDom ? (new DOMException(wire.message, wire.name) as Error) : new Error(wire.message);
  const type = wire.classes.map((name) => own(extra, name) ?? classNamed(name)).find((found) => found !== undefined);
  originalClasses.set(error, wire.classes);
  // The error is a real one with the prototype of its class, so that util.types.isNativeError and
  // util.inspect recognize it.
  if (!isDom && type !== undefined) Object.setPrototypeOf(error, type.prototype);
  if (!isDom && !isNamed(error, wire.name)) hide(error, 'name', wire.name);
  if (!isDom) hide(error, 'message', wire.message);
  // The stack is deleted first. Otherwise Node 20 formats the stack of this function before it is
  // replaced. Formatting takes twice as long, and it calls the program's Error.prepareStackTrace,
  // which may throw.
  Reflect.deleteProperty(error, 'stack');
  hide(error, 'stack', wire.stack ?? `${wire.name}: ${wire.message}`);
  if (wire.cause !== undefined) hide(error, 'cause', decodeError(wire.cause, extra));
  const errors = wire.errors?.map((each) => decodeError(each, extra));
  if (errors !== undefined) hide(error, 'errors', errors);
  for (const [key, value] of Object.entries(wire.properties)) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: true });
  }
  const isSuppressed = wire.classes.includes('SuppressedError');
  for (const [key, value] of Object.entries(wire.inner ?? {})) {
    const enumerable = !(isSuppressed && (key === 'error' || key === 'suppressed'));
    Object.defineProperty(error, key, {
      value: decodeError(value, extra),
      configurable: true,
      writable: true,
      enumerable,
    });
  }
  return error;
}

function isError(value: unknown): value is Error {
  try {
    // instanceof alone is not enough: an error of another realm (node:vm, the sandbox of a test
    // runner) has another base class.
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}

/**
 * Returns the class names of an error, the nearest first. A task's own `class TimeoutError` is not
 * confused with the library's. The library's classes carry a brand, which another copy of the
 * library recognizes too.
 */
function classesOf(error: Error): string[] {
  const classes: string[] = [];
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name = text(proto.constructor?.name, '');
    const isOurs = errorBrand in proto && Object.hasOwn(errorClasses, name);
    classes.push(isOurs ? `rx-futures:${name}` : name);
    if (isOurs || Object.hasOwn(builtIn, name)) return classes;
  }
  return [...classes, 'Error'];
}

function classNamed(name: string): ErrorClass | undefined {
  return name.startsWith('rx-futures:') ? own(errorClasses, name.slice('rx-futures:'.length)) : own(builtIn, name);
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

const encodedApart = new Set(['cause', 'errors', 'message', 'stack', 'name']);

function ownProperties(error: Error, inner: Readonly<Record<string, WireError>> = {}): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (encodedApart.has(key) || Object.hasOwn(inner, key)) continue;
    const value = read(error, key);
    const fault = leaveFault(value, key);
    properties[key] = fault === undefined ? value : `[not copied: ${fault.path} ${fault.what}]`;
  }
  return properties;
}

/** Reads a property of a thrown value. A getter may throw too. */
function read(error: object, key: string): unknown {
  try {
    return (error as Record<string, unknown>)[key];
  } catch {
    return '[not copied: it throws when it is read]';
  }
}

function text(value: unknown, fallback: string): string {
  if (typeof value === 'string') return value;
  try {
    return value === undefined ? fallback : String(value);
  } catch {
    return fallback;
  }
}

/**
 * Returns true if the class of the error already gives it that name. A getter of the user may need
 * properties that are not set yet.
 */
function isNamed(error: Error, name: string): boolean {
  try {
    return error.name === name;
  } catch {
    return false;
  }
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
}
