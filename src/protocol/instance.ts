/**
 * Returns whether a value is an instance of a class. `instanceof` alone throws for a revoked Proxy,
 * which a task may throw like any other value.
 */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}
