/** Objects that hold something of their process, which is not in their properties: Node copies them in its own way, or not at all. */

/** Names of classes of Node's modules. A program's own class of such a name is taken for Node's only if it extends nothing else. */
const ofModules = new Set([
  'BlockList',
  'FileHandle',
  'Histogram',
  'KeyObject',
  'RecordableHistogram',
  'SocketAddress',
  'X509Certificate',
]);

/** Classes that are globals: compared themselves, so that a program's own `class File` is none of them. */
const globals = ['Blob', 'File', 'CryptoKey'] as const;

export function isHandle(value: object): boolean {
  // The usual case first: nothing but plain objects comes in numbers.
  let prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype || prototype === Array.prototype) return false;
  if (isWasmModule(value)) return true;
  for (; prototype !== null && prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
    const type: unknown = Object.hasOwn(prototype, 'constructor') ? prototype.constructor : undefined;
    if (typeof type !== 'function') continue;
    if (ofModules.has(type.name)) return true;
    if (globals.some((name) => (globalThis as Record<string, unknown>)[name] === type)) return true;
  }
  return false;
}

/** An open file, as `node:fs/promises` returns it. It can be moved, but not copied. */
export function isFileHandle(value: object): value is { readonly fd: number; close(): Promise<void> } {
  return (
    Object.getPrototypeOf(value)?.constructor?.name === 'FileHandle' &&
    typeof (value as { fd?: unknown }).fd === 'number'
  );
}

function isWasmModule(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Module]';
}

/** Of any realm: a value from node:vm or from a sandbox has other classes. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || tagOf(value) === '[object ArrayBuffer]';
}

export function isSharedMemory(value: unknown): value is SharedArrayBuffer {
  return tagOf(value) === '[object SharedArrayBuffer]';
}

function tagOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : '';
}
