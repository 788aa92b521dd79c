/**
 * Errors as data. Structured clone keeps only a built-in error's name, message and stack; this keeps the class where it is
 * built in or ours, the name, own properties, `cause`, `errors` of an AggregateError, and anything else that was thrown.
 */
import { errorClasses, SerializationError } from '../errors.js';
import { cloneFault } from './clone-fault.js';

export type WireError =
  | { readonly type: 'value'; readonly value: unknown }
  | {
      readonly type: 'error';
      /** The nearest class on the prototype chain that the other side has too. */
      readonly class: string;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly cause: WireError | undefined;
      readonly errors: readonly WireError[] | undefined;
    };

type ErrorClass = abstract new (...args: never[]) => Error;

const knownClasses: Readonly<Record<string, ErrorClass>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  DOMException,
  ...errorClasses,
};

/** A cause of a cause of a cause … that is deeper than this is cut: it may be a cycle. */
const DEEPEST = 16;

/** Turns anything thrown into data that can be posted. What can't be cloned is named in its place. */
export function encodeError(thrown: unknown, where = 'error', depth = 0): WireError {
  if (!isError(thrown)) {
    const fault = cloneFault(thrown, where);
    return fault === undefined ? { type: 'value', value: thrown } : encodeError(unclonable(fault, where), where, depth);
  }
  const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
  const deeper = depth < DEEPEST;
  return {
    type: 'error',
    class: nearestClass(thrown),
    name: String(thrown.name),
    message: String(thrown.message),
    stack: typeof thrown.stack === 'string' ? thrown.stack : undefined,
    properties: ownProperties(thrown),
    cause: 'cause' in thrown && deeper ? encodeError(cause, `${where}.cause`, depth + 1) : undefined,
    errors:
      Array.isArray(errors) && deeper
        ? errors.map((error, i) => encodeError(error, `${where}.errors[${i}]`, depth + 1))
        : undefined,
  };
}

/** The inverse of {@link encodeError}: an error of the same class, as far as this side has it. */
export function decodeError(wire: WireError): unknown {
  if (wire.type === 'value') return wire.value;
  const error = bareError(wire);
  const hidden = { configurable: true, writable: true, enumerable: false };
  if (wire.class !== 'DOMException') {
    if (error.name !== wire.name) Object.defineProperty(error, 'name', { value: wire.name, ...hidden });
    Object.defineProperty(error, 'message', { value: wire.message, ...hidden });
  }
  if (wire.stack !== undefined) Object.defineProperty(error, 'stack', { value: wire.stack, ...hidden });
  if (wire.cause !== undefined) Object.defineProperty(error, 'cause', { value: decodeError(wire.cause), ...hidden });
  if (wire.errors !== undefined)
    Object.defineProperty(error, 'errors', { value: wire.errors.map(decodeError), ...hidden });
  return Object.assign(error, wire.properties);
}

/** The error for a value that can't be cloned; `fault` is what {@link cloneFault} found. */
export function unclonable(fault: string, path: string): SerializationError {
  const culprit = fault.split(' ', 1)[0] ?? path;
  return new SerializationError(
    `${fault}, which can't be copied between threads. Send plain data in its place, or leave it out.`,
    { path: culprit },
  );
}

function isError(value: unknown): value is Error {
  // Not instanceof alone: an error from another realm (node:vm, a test runner's sandbox) has another Error above it.
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function nearestClass(error: Error): string {
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name = proto.constructor?.name;
    if (typeof name === 'string' && Object.hasOwn(knownClasses, name)) return name;
  }
  return 'Error';
}

function ownProperties(error: Error): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (key === 'cause' || key === 'errors' || key === 'message' || key === 'stack' || key === 'name') continue;
    const value = (error as unknown as Record<string, unknown>)[key];
    const fault = cloneFault(value, key);
    properties[key] = fault === undefined ? value : `[not copied: ${fault}]`;
  }
  return properties;
}

function bareError(wire: WireError & { type: 'error' }): Error {
  if (wire.class === 'DOMException') return new DOMException(wire.message, wire.name) as unknown as Error;
  const type = Object.hasOwn(knownClasses, wire.class) ? knownClasses[wire.class] : Error;
  // A real error, so that util.types.isNativeError and util.inspect know it, under the prototype of its class.
  const error = new Error(wire.message);
  Object.setPrototypeOf(error, type!.prototype);
  return error;
}
