/**
 * Makes a shared value read-only: objects, arrays, errors, Maps and Sets, at any depth.
 *
 * Bytes stay writable, because JavaScript can't freeze a typed array. Dates keep their setters.
 */
import { isHandle } from '../protocol/handle.js';
import { pushEntries, pushProperties } from '../protocol/parts.js';

/**
 * Freezes a structured clone and all of its parts. Returns the value. Uses no recursion, because
 * values may be nested deeper than the stack allows.
 */
export function freezeDeeply<T>(value: T): T {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || isHandle(part)) continue;
    // Nothing in a structured clone is frozen, so this part was met before.
    if (Object.isFrozen(part)) continue;
    if (!pushEntries(part, open)) pushProperties(part, open);
    if (part instanceof Map) refuse(part, ['set', 'delete', 'clear']);
    if (part instanceof Set) refuse(part, ['add', 'delete', 'clear']);
    Object.freeze(part);
  }
  return value;
}

/**
 * Object.freeze does not reach the entries of a Map or a Set. So the methods that change the
 * entries are replaced. A structured clone, such as a result of a task, has the original methods.
 */
function refuse(collection: object, methods: readonly string[]): void {
  for (const method of methods) Object.defineProperty(collection, method, { value: readOnly(method) });
}

const refusals = new Map<string, () => never>();

function readOnly(method: string): () => never {
  let refusal = refusals.get(method);
  if (refusal === undefined) {
    refusal = () => {
      throw new TypeError(`${method}() can't change a shared value, which is read-only. Change a copy of it.`);
    };
    refusals.set(method, refusal);
  }
  return refusal;
}
