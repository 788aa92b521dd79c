/**
 * The stack of a submit, for error stacks. The frames of a worker do not show which code submitted
 * the task.
 */
import { framesOf, stackOf } from '../../protocol/error-text.js';
import { isInstance } from '../../protocol/instance.js';

/** The function is kept, because a program may replace or delete it. */
const { captureStackTrace } = Error;

/**
 * Returns the stack of the caller, without `above` and the functions that it calls. Returns an
 * empty text if the program's own Error.prepareStackTrace throws.
 */
export function submitStack(above: Function): string {
  const holder: { stack?: string } = {};
  captureStackTrace(holder, above);
  return framesOf(stackOf(holder) ?? '');
}

/**
 * Appends the stack of the submit to the stack of an error. An error that can't be changed (a
 * frozen one, for example) keeps its own stack.
 */
export function continueStack(error: unknown, stack: string): void {
  if (!isInstance(error, Error)) return;
  const own = stackOf(error);
  if (own === undefined || own.includes(stack)) return;
  const value = `${own}\n    --- submitted ---\n${stack}`;
  Reflect.defineProperty(error, 'stack', { value, configurable: true, writable: true, enumerable: false });
}
