/** Recognizes Observables of any library, on both sides. */

/**
 * Returns the method with which a library offers an Observable, or undefined. Its key is
 * `Symbol.observable`, or `'@@observable'` if the Symbol did not exist when the library was loaded.
 */
export function interopMethod(value: unknown): (() => unknown) | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  const { observable } = Symbol as { observable?: symbol };
  for (const key of [observable, '@@observable']) {
    // An actor, and the handles of tasks, return a function for each name that is read. `in` shows
    // that they do not have the name.
    const method = key && key in value && (value as Record<PropertyKey, unknown>)[key];
    if (typeof method === 'function') return method as () => unknown;
  }
  return undefined;
}
