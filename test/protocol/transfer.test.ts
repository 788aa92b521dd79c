import { transfer } from 'rx-futures';
import { transfer as transferOnWorker } from 'rx-futures/worker';
import { describe, expect, it } from 'vitest';
import { isTransferred, type Transferred } from '../../src/protocol/transfer.js';

/** Returns the mark of a value, which the types do not show. */
function behind<T>(value: T): Transferred<T> {
  expect(isTransferred(value)).toBe(true);
  return value as unknown as Transferred<T>;
}

describe('transfer', () => {
  it.each<[string, () => unknown, (value: any) => unknown[]]>([
    ['an ArrayBuffer', () => new ArrayBuffer(8), (buffer) => [buffer]],
    ['a typed array', () => new Float64Array(4), (array) => [array.buffer]],
    ['a DataView', () => new DataView(new ArrayBuffer(8)), (view) => [view.buffer]],
    ['a MessagePort', () => new MessageChannel().port1, (port) => [port]],
    ['a stream', () => new ReadableStream(), (stream) => [stream]],
    [
      'an object that contains some',
      () => ({ a: new Uint8Array(1), b: new ArrayBuffer(1), c: 5 }),
      ({ a, b }) => [a.buffer, b],
    ],
    ['an array that contains some', () => [new Uint8Array(1), 'text', null], ([a]) => [a.buffer]],
  ])('transfer() moves %s', (_name, make, parts) => {
    const value = make();
    const moved = behind(transfer(value));
    expect(moved.value).toBe(value);
    expect(moved.list).toEqual(parts(value));
  });

  it('transfer() moves a buffer once if two views share it', () => {
    const buffer = new ArrayBuffer(8);
    expect(behind(transfer([new Uint8Array(buffer, 0, 4), new Uint8Array(buffer, 4)])).list).toEqual([buffer]);
  });

  it('transfer() moves listed parts at any depth', () => {
    const inner = new ArrayBuffer(8);
    const value = { deep: { inner } };
    expect(behind(transfer(value, [inner])).list).toEqual([inner]);
  });

  it.each([
    ['a number', 5],
    ['null', null],
    ['a buffer that is nested too deep', { deep: { inner: new ArrayBuffer(8) } }],
    ['shared memory, which both sides use anyway', new Uint8Array(new SharedArrayBuffer(8))],
  ])('transfer() refuses %s at the call and says what to do', (_name, value) => {
    expect(() => transfer(value)).toThrow(
      /^transfer\(value\): expected an ArrayBuffer.*Found nothing to move\. List the parts/,
    );
    expect(() => transfer(value, [])).toThrow(TypeError);
  });

  it.each<[string, unknown[], RegExp]>([
    ['a number', [5], /expected a list of ArrayBuffers, MessagePorts, FileHandles and streams, got 5/],
    ['a view', [new Uint8Array(1)], /got a Uint8Array\. For a view, list its buffer: view\.buffer\.$/],
    [
      'the same part twice',
      Array(2).fill(new ArrayBuffer(1)),
      /expected each part once, got the same ArrayBuffer twice/,
    ],
  ])('transfer() refuses a list with %s at the call', (_name, list, message) => {
    const call = () => transfer({}, list as never);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  it('both copies of the library recognize a mark, whichever of them made it', () => {
    expect(isTransferred(transferOnWorker(new ArrayBuffer(8)))).toBe(true);
    for (const value of [null, undefined, 5, {}, new ArrayBuffer(8)]) expect(isTransferred(value)).toBe(false);
  });
});
