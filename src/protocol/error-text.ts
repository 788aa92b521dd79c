/**
 * The texts of an error. A program may change them for all errors (`Error.prepareStackTrace` may throw, or return call sites) and for one
 * (getters, and properties that are no strings), so each is read here. No function of this file throws.
 */
import { messageOf } from './clone-fault.js';

/** The stack as text; undefined if there is none. */
export function stackOf(error: object): string | undefined {
  const stack = read(error, 'stack');
  if (typeof stack === 'string') return stack;
  if (!Array.isArray(stack)) return undefined;
  try {
    return [headlineOf(error), ...stack.map((site) => `    at ${site}`)].join('\n');
  } catch {
    return undefined;
  }
}

/** `TypeError: x is not a function`; for what is no error, its text. */
export function headlineOf(error: unknown): string {
  const name = error instanceof Error ? read(error, 'name') : undefined;
  return typeof name === 'string' ? `${name}: ${messageOf(error)}` : messageOf(error);
}

/** Undefined if a getter or a proxy throws. */
function read(error: object, key: 'name' | 'stack'): unknown {
  try {
    return (error as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
