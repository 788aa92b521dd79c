/**
 * Recognizes objects whose state belongs to their process and is not in their properties. Node
 * copies them in its own way, or not at all.
 */

/**
 * Names of classes of Node's modules. A class of the program with such a name counts as Node's only
 * if it extends another class.
 */
const moduleClasses = new Set([
  'BlockList',
  'FileHandle',
  'Histogram',
  'KeyObject',
  'RecordableHistogram',
  'SocketAddress',
  'X509Certificate',
]);

/**
 * Classes that are global variables. They are compared by identity, so that a `class File` of the
 * program is not confused with Node's.
 */
const globalClasses = ['Blob', 'File', 'CryptoKey'] as const;

export function isHandle(value: object): boolean {
  // The most frequent case comes first: large numbers of objects are plain objects.
  let prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype || prototype === Array.prototype) return false;
  if (isWasmModule(value)) return true;
  for (; prototype !== null && prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
    const type: unknown = Object.hasOwn(prototype, 'constructor') ? prototype.constructor : undefined;
    if (typeof type !== 'function') continue;
    if (moduleClasses.has(type.name)) return true;
    if (globalClasses.some((name) => (globalThis as Record<string, unknown>)[name] === type)) return true;
  }
  return false;
}

/** Recognizes an open file of `node:fs/promises`. Such a file can be moved, but not copied. */
export function isFileHandle(value: object): value is { readonly fd: number; close(): Promise<void> } {
  return (
    Object.getPrototypeOf(value)?.constructor?.name === 'FileHandle' &&
    typeof (value as { fd?: unknown }).fd === 'number'
  );
}

function isWasmModule(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Module]';
}

/**
 * Recognizes an ArrayBuffer of any realm. A value from node:vm or from a sandbox has other classes.
 */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || tagOf(value) === '[object ArrayBuffer]';
}

export function isSharedMemory(value: unknown): value is SharedArrayBuffer {
  return tagOf(value) === '[object SharedArrayBuffer]';
}

function tagOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : '';
}
