/** Buffers that must not be moved to another thread, although they are ArrayBuffers. */
import workerThreads, { markAsUntransferable } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { isUntransferable } from '../../src/platform/transferable.js';

describe('isUntransferable()', () => {
  it('an ArrayBuffer and a port can be moved', () => {
    const { port1 } = new MessageChannel();
    expect([new ArrayBuffer(8), new Uint8Array(8).buffer, port1].map(isUntransferable)).toEqual([false, false, false]);
    port1.close();
  });

  it('the pool of small Buffers can’t be moved, because it has the data of other code', () => {
    expect(isUntransferable(Buffer.from('tea').buffer)).toBe(true);
  });

  it('a large Buffer has a buffer of its own, which can be moved', () => {
    expect(isUntransferable(Buffer.alloc(100_000).buffer)).toBe(false);
  });

  // Node 20 can't say which buffers are marked, and copies them by itself.
  it.runIf('isMarkedAsUntransferable' in workerThreads)('a buffer that a program has marked can’t be moved', () => {
    const marked = new ArrayBuffer(8);
    markAsUntransferable(marked);
    expect(isUntransferable(marked)).toBe(true);
  });
});
