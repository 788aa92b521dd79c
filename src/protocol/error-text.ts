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

/**
 * The first line of a stack in Firefox and Safari, where a stack has no headline:
 * `square@https://example.org/tasks.js:1:2`. A headline such as
 * `Error: no connection to admin@example.org:5432` is not one.
 */
const FRAME = /^[^:\n]*@(.*:\d+:\d+|\[native code\])(\n|$)/;

/** Returns the lines of a stack below its headline. */
export function framesOf(stack: string): string {
  return FRAME.test(stack) ? stack : stack.split('\n').slice(1).join('\n');
}

/** Returns the headline and the stack as text. `undefined` if there is no stack. */
export function fullTextOf(error: object): string | undefined {
  const stack = stackOf(error);
  return stack !== undefined && (stack === '' || FRAME.test(stack))
    ? `${headlineOf(error)}\n${stack}`.trimEnd()
    : stack;
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
