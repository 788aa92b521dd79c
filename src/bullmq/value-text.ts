/** Values as text: base64 of the bytes that they have as structured clones. JSON holds it, and ioredis writes it to the socket in one piece. */
import { messageOf } from '../protocol/clone-fault.js';
import { fromBytes, toBytes } from '../protocol/serialize.js';
import { decodeError, encodeError, type WireError } from '../protocol/wire-error.js';

/** @throws Error for what has no form in bytes */
export function toText(value: unknown): string {
  return toBytes(value).toString('base64');
}

/** @throws Error for what {@link toText} has not given */
export function fromText(text: string): unknown {
  return fromBytes(Buffer.from(text, 'base64'));
}

/** Undefined for what {@link toText} has not given: anybody may write to Redis. */
export function readText(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: fromText(text) };
  } catch {
    return undefined;
  }
}

/** An error; where a property of it clones, but only within its process, with its message alone. */
export function errorText(error: WireError): string {
  try {
    return toText(error);
  } catch (cause) {
    return toText(encodeError(new Error(messageOf(decodeError(error)), { cause: String(cause) })));
  }
}

/** Bytes that the text stands for, give or take two. */
export function bytesIn(text: string): number {
  return Math.floor((text.length * 3) / 4);
}
