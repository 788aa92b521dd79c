/** The warning for `array.map(task)`, which sends the whole array with each call. */
import { warn } from '#platform/warn';

/**
 * Handles for which the warning was emitted. For tasks that were submitted by name or as a
 * function, the set holds their steps.
 */
const warned = new WeakSet<object>();

/**
 * Returns whether `args` are those of an array method's callback, `(value, index, array)`. `reduce`
 * passes the accumulator before these three. For other calls the check costs one comparison.
 */
export function isArrayCallback(args: readonly unknown[]): boolean {
  if (args.length !== 3 && args.length !== 4) return false;
  const [value, index, collection] = args.slice(-3);
  if (Array.isArray(collection) || ArrayBuffer.isView(collection)) {
    const list = collection as ArrayLike<unknown>;
    return Number.isInteger(index) && Object.hasOwn(list, index as number) && Object.is(list[index as number], value);
  }
  if (args.length === 4) return false;
  if (collection instanceof Set) return Object.is(index, value) && collection.has(value);
  return collection instanceof Map && collection.has(index) && Object.is(collection.get(index), value);
}

/**
 * Emits a process warning once per `key`.
 *
 * @param call the call as the program writes it, up to the arguments of the task: `parse(`
 */
export function warnWholeArray(key: object, call: string, args: readonly unknown[]): void {
  if (warned.has(key)) return;
  warned.add(key);
  const collection = args.at(-1) as { size?: number; length?: number };
  const size = (collection.size ?? collection.length)?.toLocaleString('en');
  warn(
    `${call}value, index, array) was called by an array method, as in array.map(task): each call sends the whole array of ${size} items. Write array.map((item) => ${call}item)), or executor.map(task, array).`,
    { type: 'WholeArrayWarning', code: 'RXF_WHOLE_ARRAY', detail: 'Each task handle emits this warning once.' },
  );
}
