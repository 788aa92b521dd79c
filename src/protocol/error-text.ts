/**
 * Reads the texts of an error. No function of this file throws.
 *
 * A program can change these texts for all errors: `Error.prepareStackTrace` may throw or return
 * call sites. It can also change them for one error, by getters or by properties that are not
 * strings.
 */
import { messageOf } from './clone-fault.js';
import { isInstance } from './instance.js';

/** Returns the stack as text. `undefined` if there is none. */
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

/** Returns `TypeError: x is not a function` for an error, and the text of any other value. */
export function headlineOf(error: unknown): string {
  const name = isInstance(error, Error) ? read(error, 'name') : undefined;
  return typeof name === 'string' ? `${name}: ${messageOf(error)}` : messageOf(error);
}

/** Returns the value of a property. `undefined` if a getter or a proxy throws. */
function read(error: object, key: 'name' | 'stack'): unknown {
  try {
    return (error as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
