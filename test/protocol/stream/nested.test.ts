import { MessageChannel } from 'node:worker_threads';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Future } from '../../../src/future/future.js';
import { isMisuse } from '../../../src/protocol/misuse.js';
import { refuseStreamsAndPorts } from '../../../src/protocol/stream/nested.js';

describe('a stream in another value', () => {
  it.each([
    ['args[0].list[1]', { list: [1, of(1)] }],
    ['args[0].get("a")', new Map([['a', [1].values()]])],
    ['args[0].values()[0]', new Set([of(1)])],
    ['args[0].deep.stream', { deep: { stream: { async *[Symbol.asyncIterator]() {} } } }],
  ])('a stream at %s is refused with its path', (path, value) => {
    const error = errorOf(() => refuseStreamsAndPorts(value, 'args[0]'));
    expect(error.message).toBe(
      `${path} is a stream inside a larger value. Pass the stream itself as an argument of a task.`,
    );
    expect(isMisuse(error)).toBe(true);
  });

  it('a stream itself is refused too, and a port with an error that no call throws', () => {
    expect(errorOf(() => refuseStreamsAndPorts(of(1), 'value')).message).toMatch(/^value is a stream, which can't be/);
    const { port1 } = new MessageChannel();
    const error = errorOf(() => refuseStreamsAndPorts({ port1 }, 'value'));
    expect([error.message, isMisuse(error)]).toEqual([expect.stringContaining('A MessagePort'), false]);
    port1.close();
  });

  it('a Future is refused as such, and nothing inside it is looked at', () => {
    // A Future refers to its executor, which has streams and ports.
    const future = Object.assign(Future.resolve(1), { stream: of(1), port: new MessageChannel().port1 });
    for (const [path, value] of [
      ['value.list[0]', { list: [future, of(1)] }],
      ['value.future', { future }],
    ] as const) {
      const error = errorOf(() => refuseStreamsAndPorts(value, 'value'));
      expect(error).toMatchObject({
        name: 'SerializationError',
        path,
        message: `${path} is a Future. Pass the Future itself as an argument, or wait for several with all([…]).`,
      });
      expect(isMisuse(error)).toBe(false);
    }
    future.port.close();
  });

  it('data is accepted, with cycles and getters that throw', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const value = { cycle, list: [[1], new Map([[1, new Set([2])]])] };
    Object.defineProperty(value, 'broken', { enumerable: true, get: () => raise() });
    expect(() => refuseStreamsAndPorts(value, 'value')).not.toThrow();
  });
});

function raise(): never {
  throw new Error('broken');
}

function errorOf(run: () => void): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
