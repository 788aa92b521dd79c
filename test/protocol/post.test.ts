import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FromWorker } from '../../src/protocol/messages.js';
import { post } from '../../src/protocol/post.js';
import type { Transferable } from '../../src/protocol/transfer.js';

const { port1, port2 } = new MessageChannel();
beforeAll(() => port1.unref());
afterAll(() => port1.close());

const reports = (values: readonly unknown[]): FromWorker => ({ type: 'reports', cells: [], values, busy: 0 });

/** Posts values and returns the values that arrive. */
function sent(values: readonly unknown[], transfer?: readonly Transferable[]): any[] {
  post(port1, reports(values), transfer);
  return receiveMessageOnPort(port2)!.message.values;
}

const LARGE = 1_000_000;

describe('post', () => {
  it.each([
    ['small bytes', new Uint8Array(10).fill(1)],
    ['large bytes', new Uint8Array(LARGE).fill(1)],
    ['large numbers', new Float64Array(LARGE).fill(0.5)],
    ['part of a large buffer', new Uint16Array(new ArrayBuffer(2 * LARGE), 8, LARGE / 2).fill(3)],
    ['shared bytes', new Uint8Array(new SharedArrayBuffer(LARGE)).fill(1)],
  ])('post() sends %s as the same class and leaves the original unchanged', (_name, bytes) => {
    const before = bytes.slice();
    const [arrived, other] = sent([bytes, 'other']);
    expect(Object.prototype.toString.call(arrived)).toBe(Object.prototype.toString.call(bytes));
    expect(Buffer.compare(Buffer.from(arrived.buffer, arrived.byteOffset, arrived.byteLength), bytesOf(before))).toBe(
      0,
    );
    expect(Buffer.compare(bytesOf(bytes), bytesOf(before))).toBe(0);
    expect(other).toBe('other');
  });

  it('a large Buffer arrives as a Uint8Array, like a small one', () => {
    for (const size of [10, LARGE]) {
      const [arrived] = sent([Buffer.alloc(size, 7)]);
      expect(arrived.constructor).toBe(Uint8Array);
      expect(arrived).toHaveLength(size);
      expect(arrived[size - 1]).toBe(7);
    }
  });

  it('post() sends only the part of a large buffer that a view shows', () => {
    const [arrived] = sent([new Uint8Array(new ArrayBuffer(4 * LARGE), 0, LARGE)]);
    expect(arrived.buffer.byteLength).toBe(LARGE);
  });

  it('post() moves a transferred buffer of any size without copying it', () => {
    const bytes = new Uint8Array(LARGE).fill(1);
    const [arrived] = sent([bytes], [bytes.buffer]);
    expect(arrived).toHaveLength(LARGE);
    expect(bytes).toHaveLength(0);
  });

  it('post() throws if a buffer has been transferred before, and posts nothing', () => {
    const [gone, bytes] = [new ArrayBuffer(8), new Uint8Array(8)];
    structuredClone(gone, { transfer: [gone] });
    expect(() => post(port1, reports([gone, bytes]), [bytes.buffer, gone])).toThrow(/detached/);
    expect(receiveMessageOnPort(port2)).toBeUndefined();
    expect(bytes).toHaveLength(8);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
