import { SerializationError, transfer } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { capture } from '../../../src/engine/run/capture.js';

class Point {
  constructor(readonly x: number) {}
}

describe('capture', () => {
  it('arguments that cannot change are not copied', () => {
    const args = [1, 'two', null, undefined, true, 6n];
    expect(capture(args)).toEqual({ args, transfer: undefined });
    expect(capture(args).args).toBe(args);
  });

  it.each<[what: string, value: any, change: (value: any) => void]>([
    ['small plain data', { list: [{ n: 1 }] }, (value) => value.list.push(2)],
    ['a Map', new Map([['n', 1]]), (value) => value.set('n', 2)],
    ['bytes', new Uint8Array([1, 2]), (value) => value.fill(9)],
    ['large data', Array.from({ length: 2_000 }, (_, i) => ({ i })), (value) => value.pop()],
  ])('a later change of %s does not change the captured argument', (_, value, change) => {
    const before = structuredClone(value);
    const { args } = capture(['first', value]);
    change(value);
    expect(args).toEqual(['first', before]);
  });

  it('an instance of a class arrives as plain data, as with structuredClone', () => {
    const [copy] = capture([new Point(1)]).args;
    expect(copy).toEqual({ x: 1 });
    expect(copy).not.toBeInstanceOf(Point);
  });

  it('bytes are copied without the rest of their buffer', () => {
    const [copy] = capture([new Uint8Array(new ArrayBuffer(100), 10, 5)]).args as [Uint8Array];
    expect(copy.byteLength).toBe(5);
    expect(copy.buffer.byteLength).toBe(5);
  });

  it('a transferred buffer is moved, and listed for the next move', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const { args, transfer: moved } = capture([0, transfer(bytes)]);
    expect(bytes.byteLength).toBe(0);
    expect(args).toEqual([0, new Uint8Array([1, 2, 3])]);
    expect(moved).toEqual([(args[1] as Uint8Array).buffer]);
  });

  it.each<[what: string, args: unknown[], path: string]>([
    ['a function', [1, () => {}], 'arguments[1]'],
    ['a function inside an object', [{ list: [() => {}] }], 'arguments[0].list[0]'],
    ['a symbol', [Symbol('s')], 'arguments[0]'],
    ['an open port that is not transferred', [{ port: new MessageChannel().port1 }], 'arguments[0].port'],
  ])('%s causes an error that names its path', (_, args, path) => {
    const error = failureOf(() => capture(args));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error.path).toBe(path);
  });

  it('a value that was moved before causes an error that names its argument', () => {
    const { buffer } = new Uint8Array(8);
    structuredClone(buffer, { transfer: [buffer] });
    expect(failureOf(() => capture([transfer(buffer)])).path).toMatch(/^arguments\[0\]/);
  });

  it('a name for the list replaces "arguments" in the path', () => {
    expect(failureOf(() => capture([() => {}], undefined, 'initArgs')).path).toBe('initArgs[0]');
  });

  it('parts that were moved before the error are closed', async () => {
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise((resolve) => port2.addEventListener('close', resolve));
    expect(() => capture([transfer({ port1 }), () => {}])).toThrow(SerializationError);
    await closed;
  });
});

function failureOf(run: () => unknown): SerializationError {
  try {
    run();
  } catch (error) {
    return error as SerializationError;
  }
  throw new Error('The call did not fail.');
}
