/** Where a task was submitted, for error stacks: a worker's frames alone don't say who wanted the work. */

/** The stack of the caller; `above` and what it calls are left out. */
export function submitStack(above: Function): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, above);
  return holder.stack?.split('\n').slice(1).join('\n') ?? '';
}

/** Lets an error's stack go on with the submit's. */
export function continueStack(error: unknown, stack: string): void {
  if (!(error instanceof Error) || typeof error.stack !== 'string' || error.stack.includes(stack)) return;
  const value = `${error.stack}\n    --- submitted ---\n${stack}`;
  Object.defineProperty(error, 'stack', { value, configurable: true, writable: true, enumerable: false });
}
