import { describe, expect, it } from 'vitest';
import { holdsPort, refusePorts } from '../../src/protocol/ports.js';

const { port1: port } = new MessageChannel();

describe('holdsPort', () => {
  it.each<[what: string, value: unknown]>([
    ['the value itself', port],
    ['a deep property', { a: [{ b: port }] }],
    ['a value of a Map', new Map([['a', port]])],
    ['a key of a Map', new Map([[port, 'a']])],
    ['an item of a Set', new Set([port])],
    ['the cause of an error', new Error('x', { cause: port })],
    ['the end of a long array', [...Array.from({ length: 10_001 }, () => ({})), port]],
  ])('a port is found in %s', (_, value) => {
    expect(holdsPort(value)).toBe(true);
  });

  it.each<[what: string, value: unknown]>([
    ['plain data', { a: [1, 'b', null] }],
    ['bytes', new Uint8Array(10)],
    ['a Blob', new Blob(['a'])],
    ['a function', { f: () => port }],
  ])('no port is found in %s', (_, value) => {
    expect(holdsPort(value)).toBe(false);
  });

  it('a port that moves is not counted', () => {
    const { port1: other } = new MessageChannel();
    expect(holdsPort({ port }, [port])).toBe(false);
    expect(holdsPort({ port, other }, [port])).toBe(true);
  });

  it('a cycle ends the search', () => {
    const cycle: Record<string, unknown> = {};
    cycle['list'] = [cycle, { cycle }];
    expect(holdsPort(cycle)).toBe(false);
  });

  it('a value that is nested deeper than the stack allows is searched', () => {
    let value: unknown = port;
    for (let i = 0; i < 50_000; i++) value = { value };
    expect(holdsPort(value)).toBe(true);
  });

  it('a getter that throws hides only its own property', () => {
    const value = {
      get broken() {
        throw new Error('in the getter');
      },
      port,
    };
    expect(holdsPort(value)).toBe(true);
  });
});

describe('refusePorts', () => {
  it('the error says how to move the port', () => {
    expect(() => refusePorts({ port })).toThrow(/A MessagePort can't be copied.*transfer\(\)/);
    refusePorts({ port }, [port]);
  });
});
