import { transfer } from 'rx-futures';
import { transfer as transferOnWorker } from 'rx-futures/worker';
import { describe, expect, it } from 'vitest';
import { isTransferred, type Transferred } from '../../src/protocol/transfer.js';

/** What is behind the mark, which the types do not show. */
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
      'an object that holds some',
      () => ({ a: new Uint8Array(1), b: new ArrayBuffer(1), c: 5 }),
      ({ a, b }) => [a.buffer, b],
    ],
    ['an array that holds some', () => [new Uint8Array(1), 'text', null], ([a]) => [a.buffer]],
  ])('moves %s', (_name, make, parts) => {
    const value = make();
    const moved = behind(transfer(value));
    expect(moved.value).toBe(value);
    expect(moved.list).toEqual(parts(value));
  });

  it('moves a buffer once that two views share', () => {
    const buffer = new ArrayBuffer(8);
    expect(behind(transfer([new Uint8Array(buffer, 0, 4), new Uint8Array(buffer, 4)])).list).toEqual([buffer]);
  });

  it('moves what it is told to, however deep it lies', () => {
    const inner = new ArrayBuffer(8);
    const value = { deep: { inner } };
    expect(behind(transfer(value, [inner])).list).toEqual([inner]);
  });

  it.each([
    ['a number', 5],
    ['null', null],
    ['data that lies too deep', { deep: { inner: new ArrayBuffer(8) } }],
    ['shared memory, which both sides see anyway', new Uint8Array(new SharedArrayBuffer(8))],
  ])('refuses %s at the call, and says what to do', (_name, value) => {
    expect(() => transfer(value)).toThrow(
      /^transfer\(value\): expected an ArrayBuffer.*found nothing to move\. List the parts/,
    );
    expect(() => transfer(value, [])).toThrow(TypeError);
  });

  it.each<[string, unknown[], RegExp]>([
    ['what is no object', [5], /expected a list of ArrayBuffers, MessagePorts, FileHandles and streams, got 5/],
    ['a view', [new Uint8Array(1)], /got a Uint8Array\. Of a view name the buffer: view\.buffer\.$/],
    [
      'the same part twice',
      Array(2).fill(new ArrayBuffer(1)),
      /expected each part once, got the same ArrayBuffer twice/,
    ],
  ])('refuses a list with %s at the call', (_name, list, message) => {
    const call = () => transfer({}, list as never);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  it('marks values so that both sides know them, whichever copy of the library made them', () => {
    expect(isTransferred(transferOnWorker(new ArrayBuffer(8)))).toBe(true);
    for (const value of [null, undefined, 5, {}, new ArrayBuffer(8)]) expect(isTransferred(value)).toBe(false);
  });
});
