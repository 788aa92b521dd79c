/** The arguments and contexts of jobs, which anyone may have written. */
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argsFault, argsLength, decodeArgs, decodeContexts } from '../../../src/protocol/queue/job-args.js';
import { JobDataError } from '../../../src/protocol/queue/job-data.js';
import { toText } from '../../../src/protocol/queue/value-text.js';

const node = { id: 1, name: 'add', from: -1, steps: ['add'], attempt: 1 };

describe('argsLength', () => {
  it('argsLength is the length of a text, and about the length of plain arguments as JSON', () => {
    expect(argsLength({ nodes: [node], args: 'x'.repeat(30) })).toBe(30);
    const args = [{ text: 'x'.repeat(1_000), more: [1, 2, true, null] }];
    const exact = JSON.stringify(args).length;
    const length = argsLength({ nodes: [node], args });
    expect(length).toBeGreaterThanOrEqual(exact);
    expect(length).toBeLessThan(exact + 200);
  });
});

describe('argsFault', () => {
  it('argsFault rejects arguments above the maxPayload of the server, and names the server', () => {
    const args = toText(['x'.repeat(1_100)]);
    expect(argsFault({ nodes: [node], args }, 2_000, 'one')).toBeUndefined();
    const fault = argsFault({ nodes: [node], args }, 1_024, 'one');
    expect(fault).toMatchObject({ code: 'ERR_SERIALIZATION', path: 'arguments' });
    expect(fault?.message).toMatch(
      /The arguments take 1\.1 KiB, more than the 1\.0 KiB that maxPayload of server "one"/,
    );
  });

  it('argsFault rejects plain arguments above the maxPayload of the server', () => {
    const args = [{ text: 'é'.repeat(600) }];
    expect(argsFault({ nodes: [node], args }, 2_000, 'one')).toBeUndefined();
    expect(argsFault({ nodes: [node], args }, 1_024, 'one')?.message).toMatch(/The arguments take 1\.2 KiB/);
  });

  it('argsFault counts arguments that are nested too deeply for JSON as too large', () => {
    let deep: unknown[] = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(argsFault({ nodes: [node], args: deep }, 1_024, 'one')?.code).toBe('ERR_SERIALIZATION');
  });
});

describe('decodeContexts', () => {
  it('decodeContexts returns the contexts that a client wrote, and none for a tree without contexts', () => {
    const contexts = [{ request: 7 }, undefined, null];
    expect(decodeContexts({ nodes: [node], args: '', contexts: toText(contexts) }, 'me')).toEqual(contexts);
    expect(decodeContexts({ nodes: [node], args: '' }, 'me')).toEqual([]);
    expect(() => decodeContexts({ nodes: [node], args: '', contexts: '€' }, 'me')).toThrow(
      /contexts: expected an array/,
    );
  });

  it('argsFault rejects contexts above the maxPayload of the server', () => {
    const fault = argsFault({ nodes: [node], args: '', contexts: toText(['x'.repeat(1_100)]) }, 1_024, 'one');
    expect(fault).toMatchObject({ code: 'ERR_SERIALIZATION', path: 'context' });
  });
});

describe('decodeArgs', () => {
  const decode = (args: string) => decodeArgs({ nodes: [node], args }, 'me');

  it('decodeArgs returns the arguments that a client wrote', () => {
    const args = [1, 'two', new Map([[3n, new Date(4)]]), undefined, new Uint8Array([5])];
    expect(decode(toText(args))).toEqual(args);
  });

  it('decodeArgs returns plain arguments as they are', () => {
    const args = [1, { two: [3] }];
    expect(decodeArgs({ nodes: [node], args }, 'me')).toBe(args);
    expect(() => decodeArgs({ nodes: [node], args: Array(65_536).fill(0) }, 'me')).toThrow(JobDataError);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no base64', '€€€'],
    ['no bytes of a value', Buffer.from('hello').toString('base64')],
    ['no array', serialize({ length: 2, 0: 1, 1: 2 }).toString('base64')],
    ['half an array', serialize([1, 2, 3]).subarray(0, 6).toString('base64')],
    ['an array that says it has four billion members', serialize(Array(2 ** 32 - 1)).toString('base64')],
  ])('decodeArgs rejects %s', (_, args) => {
    expect(() => decode(args)).toThrow(JobDataError);
  });

  it('decodeArgs throws only a JobDataError, whatever the bytes', () => {
    const whole = serialize([1, { a: [2, 'three'] }, new Map([[4, new Float64Array(2)]]), 5n, new Error('six')]);
    const damaged = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array()), (bytes) => {
        try {
          expect(Array.isArray(decode(Buffer.from(bytes).toString('base64')))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(JobDataError);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('decodeArgs changes no prototype', () => {
    const [value] = decode(toText([JSON.parse('{"__proto__":{"polluted":1}}')])) as [object];
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value).not.toHaveProperty('polluted');
  });
});
