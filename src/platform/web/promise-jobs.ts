/** Observes how the JavaScript engine runs the jobs of promises, which a browser does not show. */

/** Does nothing: the listener is never called. */
export function afterNextJob(_listener: (promise: Promise<unknown>) => void): void {}

/** Returns true, because it is not known who has called a function. */
export function hasCaller(_fn: Function): boolean {
  return true;
}
