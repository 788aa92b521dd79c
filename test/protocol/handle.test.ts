import { generateKeySync } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { isArrayBuffer, isFileHandle, isHandle, isSharedMemory } from '../../src/protocol/handle.js';

describe('isHandle', () => {
  it.each<[what: string, value: object]>([
    ['a key', generateKeySync('aes', { length: 128 })],
    ['a Blob', new Blob(['a'])],
    ['a subclass of Blob', new (class Page extends Blob {})(['a'])],
    ['a WebAssembly module', new (globalThis as any).WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))],
  ])('%s is a handle', (_, value) => {
    expect(isHandle(value)).toBe(true);
  });

  it.each<[what: string, value: object]>([
    ['a plain object', { fd: 1 }],
    ['an object without a prototype', Object.create(null)],
    ['a Map', new Map()],
    ['a class of the program with the name of a global class', new (class File {})()],
  ])('%s is not a handle', (_, value) => {
    expect(isHandle(value)).toBe(false);
  });
});

describe('isFileHandle', () => {
  it('an open file is recognized, and an object with an fd is not', async () => {
    const file = await open(fileURLToPath(import.meta.url));
    try {
      expect([isFileHandle(file), isFileHandle({ fd: 1 })]).toEqual([true, false]);
    } finally {
      await file.close();
    }
  });
});

describe('memory', () => {
  it('an ArrayBuffer of another realm is an ArrayBuffer', () => {
    expect(isArrayBuffer(vm.runInNewContext('new ArrayBuffer(1)'))).toBe(true);
    expect([new SharedArrayBuffer(1), new Uint8Array(1), null].map(isArrayBuffer)).toEqual([false, false, false]);
  });

  it('only a SharedArrayBuffer is shared memory', () => {
    expect([new SharedArrayBuffer(1), new ArrayBuffer(1), undefined].map(isSharedMemory)).toEqual([true, false, false]);
  });
});
