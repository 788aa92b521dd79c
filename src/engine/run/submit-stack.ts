/** Where a task was submitted, for error stacks: a worker's frames alone don't say who wanted the work. */
import { stackOf } from '../../protocol/error-text.js';

/** Kept: a program may replace it, or delete it. */
const { captureStackTrace } = Error;

/** The stack of the caller; `above` and what it calls are left out. Empty if the program's own Error.prepareStackTrace throws. */
export function submitStack(above: Function): string {
  const holder: { stack?: string } = {};
  captureStackTrace(holder, above);
  return stackOf(holder)?.split('\n').slice(1).join('\n') ?? '';
}

/** Appends the submit's stack to an error's. An error that can't be changed (frozen, say) keeps its own. */
export function continueStack(error: unknown, stack: string): void {
  if (!(error instanceof Error)) return;
  const own = stackOf(error);
  if (own === undefined || own.includes(stack)) return;
  const value = `${own}\n    --- submitted ---\n${stack}`;
  Reflect.defineProperty(error, 'stack', { value, configurable: true, writable: true, enumerable: false });
}
