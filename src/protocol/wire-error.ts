/**
 * Errors as data. Structured clone keeps only a built-in error's name, message and stack; this keeps the class where it is built in or
 * ours, the name, own properties, `cause`, `errors` of an AggregateError, and anything else that was thrown.
 */
import { errorBrand, errorClasses, SerializationError } from '../errors.js';
import { type CloneFault, cloneFault, messageOf } from './clone-fault.js';
import { stackOf } from './error-text.js';
import { NoBytesError, toBytes } from './serialize.js';
import { isDetached } from './transfer.js';

export type WireError =
  | { readonly type: 'value'; readonly value: unknown }
  | {
      readonly type: 'error';
      /** Its class and those above it, up to one that every side has; the nearest first. */
      readonly classes: readonly string[];
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly cause: WireError | undefined;
      readonly errors: readonly WireError[] | undefined;
      /** Own properties that are errors themselves, and those of a SuppressedError. */
      readonly inner?: Readonly<Record<string, WireError>>;
    };

/** A class whose prototype an error can be given. */
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
  // Node 24 and later.
  ...('SuppressedError' in globalThis ? { SuppressedError: (globalThis as any).SuppressedError } : {}),
};

/** Errors in one: causes of causes, and members of aggregates. More than that is cut, so that no tangle of them costs more. */
const MOST = 200;

/** The attempt that a value must pass to leave this side. */
let leave: (value: any) => unknown = structuredClone;

/** Called once in a process, whose values leave as bytes. */
export function leaveBy(toBytesOfProcess: (value: unknown) => unknown): void {
  leave = toBytesOfProcess;
}

/** Why the value cannot leave this side; undefined if it can. */
export function leaveFault(value: unknown, path: string): CloneFault | undefined {
  return cloneFault(value, path, [], leave);
}

/** Turns anything thrown into data that can be posted. What can't be cloned is named in its place. It never throws itself. */
export function encodeError(thrown: unknown, where = 'error'): WireError {
  try {
    return new Encoder().encode(thrown, where);
  } catch (error) {
    // A proxy whose traps throw.
    const fault = { path: where, what: `throws when it is read (${messageOf(error)})` };
    return new Encoder().encode(unclonable(fault), where);
  }
}

class Encoder {
  /** Those that are being encoded, from the outermost on: meeting one again is a cycle. */
  readonly #open = new Set<unknown>();
  #count = 0;

  encode(thrown: unknown, where: string): WireError {
    if (this.#open.has(thrown)) return { type: 'value', value: `[circular: ${where}]` };
    if (++this.#count > MOST) return { type: 'value', value: `[cut: ${where}, after ${MOST} errors]` };
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
      classes: classesElsewhere.get(thrown) ?? classesOf(thrown),
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
      if (elsewhere.has(key)) continue;
      const value = read(thrown, key);
      // A cycle is left to the clone, which copies it whole.
      if (isError(value) && !this.#open.has(value)) add(key, value);
    }
    // In a SuppressedError they are not enumerable.
    for (const key of ['error', 'suppressed']) {
      if (inner?.[key] === undefined && isHidden(thrown, key)) add(key, read(thrown, key));
    }
    return inner;
  }
}

function isHidden(error: Error, key: string): boolean {
  return Object.getOwnPropertyDescriptor(error, key)?.enumerable === false;
}

/** Of errors that came from elsewhere: their classes there, which this side may not have. They go on with them. */
const classesElsewhere = new WeakMap<Error, readonly string[]>();

/** The inverse of {@link encodeError}: an error of the same class, as far as this side has it. `extra` are the user's own classes. */
export function decodeError(wire: WireError, extra: Readonly<Record<string, ErrorClass>> = {}): unknown {
  if (wire.type === 'value') return wire.value;
  const isDom = wire.classes.at(-1) === 'DOMException';
  const error = isDom ? (new DOMException(wire.message, wire.name) as Error) : new Error(wire.message);
  const type = wire.classes.map((name) => own(extra, name) ?? classNamed(name)).find((found) => found !== undefined);
  classesElsewhere.set(error, wire.classes);
  // A real error, so that util.types.isNativeError and util.inspect know it, under the prototype of its class.
  if (!isDom && type !== undefined) Object.setPrototypeOf(error, type.prototype);
  if (!isDom && !isNamed(error, wire.name)) hide(error, 'name', wire.name);
  if (!isDom) hide(error, 'message', wire.message);
  // Deleted first: otherwise Node 20 formats the stack of this function before it is replaced, with the program's Error.prepareStackTrace, which
  // may throw, and takes twice as long.
  Reflect.deleteProperty(error, 'stack');
  hide(error, 'stack', wire.stack ?? `${wire.name}: ${wire.message}`);
  if (wire.cause !== undefined) hide(error, 'cause', decodeError(wire.cause, extra));
  if (wire.errors !== undefined) {
    hide(
      error,
      'errors',
      wire.errors.map((each) => decodeError(each, extra)),
    );
  }
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

/** The error for a value that can't be cloned; `fault` is what {@link cloneFault} found. */
export function unclonable({ path, what, advice }: CloneFault, cause?: unknown): SerializationError {
  const where = cause instanceof NoBytesError ? 'processes' : 'threads';
  const message =
    advice === undefined
      ? `${path} ${what}, which can't be copied between ${where}. Send plain data in its place, or leave it out.`
      : `${path} ${what}. ${advice}`;
  return new SerializationError(message, { path, cause });
}

/** The error for a value that could not be cloned or posted. `cause` is what the attempt threw: the error of a getter, for example. */
export function notCloned(value: unknown, path: string, cause: unknown): SerializationError {
  const fault = cloneFault(value, path, [], cause instanceof NoBytesError ? toBytes : undefined);
  if (fault !== undefined) return unclonable(fault, cause);
  return new SerializationError(`${path} can't be copied: ${messageOf(cause).replace(/\.$/, '')}.`, { path, cause });
}

/** The error for a value with parts to move that could not be posted; `cause` is what the attempt threw. */
export function unmovable(value: unknown, path: string, parts: readonly unknown[], cause: unknown): SerializationError {
  const there = parts.filter((part) => !isDetached(part));
  const fault = cloneFault(value, path, there);
  if (fault !== undefined) return unclonable(fault, cause);
  const what = there.length < parts.length ? 'a buffer to move was transferred before' : messageOf(cause);
  return new SerializationError(`${path} can't be moved: ${what.replace(/\.$/, '')}.`, { path, cause });
}

function isError(value: unknown): value is Error {
  try {
    // Not instanceof alone: an error from another realm (node:vm, a test runner's sandbox) has another Error above it.
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}

/** A task's own `class TimeoutError` is not ours: ours carry a brand, by which another copy of this library is known too. */
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

const elsewhere = new Set(['cause', 'errors', 'message', 'stack', 'name']);

function ownProperties(error: Error, inner: Readonly<Record<string, WireError>> = {}): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (elsewhere.has(key) || Object.hasOwn(inner, key)) continue;
    const value = read(error, key);
    const fault = leaveFault(value, key);
    properties[key] = fault === undefined ? value : `[not copied: ${fault.path} ${fault.what}]`;
  }
  return properties;
}

/** A property of whatever was thrown: a getter may throw too. */
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

/** By its class. A getter of the user's may need properties that are not there yet. */
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
