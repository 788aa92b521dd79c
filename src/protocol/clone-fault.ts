/**
 * Finds what keeps a value from being cloned, with the path that leads to it. Called when a clone has failed, never before
 * one: the walk costs more than the clone.
 */

/** `"result.handlers[0] is a function"`, or undefined where the value can be cloned. `root` names the value itself. */
export function cloneFault(value: unknown, root: string): string | undefined {
  if (isPrimitive(value) && typeof value !== 'symbol') return undefined;
  try {
    structuredClone(value);
    return undefined;
  } catch (error) {
    return (
      culprit(value, root, new Set()) ?? `${root} holds something that can't be cloned (${(error as Error).message})`
    );
  }
}

function culprit(value: unknown, path: string, seen: Set<unknown>): string | undefined {
  if (typeof value === 'function') return `${path} is ${value.name ? `the function ${value.name}` : 'a function'}`;
  if (typeof value === 'symbol') return `${path} is a symbol`;
  if (isPrimitive(value) || seen.has(value)) return undefined;
  seen.add(value);
  for (const [part, partPath] of parts(value as object, path)) {
    const found = culprit(part, partPath, seen);
    if (found !== undefined) return found;
  }
  // None of its parts is to blame: then it is the object itself (a Promise, a WeakMap, a socket …), unless it clones.
  try {
    structuredClone(value);
    return undefined;
  } catch {
    return `${path} is a ${(value as object).constructor?.name ?? 'host object'}`;
  }
}

function* parts(value: object, path: string): Iterable<[part: unknown, path: string]> {
  if (value instanceof Map) {
    let index = 0;
    for (const [key, entry] of value) {
      yield [key, `${path}.keys()[${index++}]`];
      yield [entry, `${path}.get(${typeof key === 'string' ? JSON.stringify(key) : String(key)})`];
    }
  } else if (value instanceof Set) {
    let index = 0;
    for (const entry of value) yield [entry, `${path}.values()[${index++}]`];
  } else if (!ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value))
      yield [(value as Record<string, unknown>)[key], `${path}${access(value, key)}`];
  }
}

function access(value: object, key: string): string {
  if (Array.isArray(value)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}
