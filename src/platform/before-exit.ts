/** The moment at which the program has nothing left to do. */

/**
 * Calls `listener` before the process exits because nothing is pending. New work of the listener
 * lets the process continue, and leads to another call.
 */
export function beforeExit(listener: () => void): void {
  process.on('beforeExit', listener);
}
