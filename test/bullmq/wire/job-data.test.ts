/** What a job may say, and what a worker makes of data that anybody may have written. */
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  argsFault,
  decodeArgs,
  futuresIn,
  type JobData,
  JobDataError,
  readJob,
  VERSION,
} from '../../../src/bullmq/wire/job-data.js';
import { decodeMessages, encodeMessages, type ToClient, type ToServer } from '../../../src/bullmq/wire/messages.js';
import { toText } from '../../../src/bullmq/wire/value-text.js';

const node = { id: 1, name: 'add', from: -1, steps: ['add'], attempt: 1 };
const good: JobData = {
  version: VERSION,
  client: 'me',
  keep: 1_000,
  trees: [{ nodes: [node], args: toText([1, 2]) }],
};
const withNode = (changes: object) => ({ ...good, trees: [{ ...good.trees[0], nodes: [{ ...node, ...changes }] }] });

describe('readJob', () => {
  it('gives back what a client wrote', () => {
    const full = {
      ...withNode({ credit: 4, timeout: 10, retry: { count: 2, delay: 5 } }),
      trees: [{ nodes: [node, { ...node, id: 2, from: 0, steps: ['a', 'b'] }], args: toText([]) }],
    };
    expect(readJob(JSON.parse(JSON.stringify(full)))).toEqual(full);
  });

  it.each<[string, unknown, RegExp]>([
    ['null', null, /data: expected an object, got null/],
    ['an array', [], /data: expected an object, got an array/],
    ['nothing', {}, /client: expected a string/],
    ['a client that is long', { ...good, client: 'x'.repeat(65) }, /client: expected a string of 64 characters/],
    ['no version', { ...good, version: undefined }, /reads version 1, got undefined/],
    ['a later version', { ...good, version: 2 }, /reads version 1, got 2\. .*update the workers first/],
    ['a version that has no text', { ...good, version: { toString: 1, valueOf: 1 } }, /reads version 1, got/],
    ['no plans', { ...good, trees: [] }, /plans: expected an array of 1 to 256/],
    ['many plans', { ...good, trees: Array(257).fill(good.trees[0]) }, /plans: expected an array of 1 to 256/],
    ['many legs', { ...good, trees: [{ nodes: Array(257).fill(node), args: '' }] }, /plans\[0\]\.legs: expected/],
    ['no end of time', { ...good, keep: -1 }, /keep: expected ms/],
    ['no args', { ...good, trees: [{ nodes: [node] }] }, /args: expected a string/],
    ['an id that is text', withNode({ id: '1' }), /legs\[0\]\.id: expected the id of a future/],
    ['an id that is none', withNode({ id: 0.5 }), /legs\[0\]\.id/],
    ['a leg that feeds itself', withNode({ from: 0 }), /legs\[0\]\.from: expected an earlier leg/],
    ['no steps', withNode({ steps: [] }), /legs\[0\]\.steps: expected 1 to 256 names/],
    ['steps that are no names', withNode({ steps: [{ toString: 'add' }] }), /legs\[0\]\.steps/],
    ['a credit that is less than nothing', withNode({ credit: -4 }), /legs\[0\]\.credit: expected 1 or more/],
    ['a timeout that is text', withNode({ timeout: '1' }), /legs\[0\]\.timeout: expected ms/],
    ['a timeout of less than nothing', withNode({ timeout: -1 }), /legs\[0\]\.timeout: expected ms/],
    ['retries without a count', withNode({ retry: {} }), /legs\[0\]\.retry: expected { count, delay }/],
    ['retries with a delay that is text', withNode({ retry: { count: 1, delay: '1' } }), /legs\[0\]\.retry/],
  ])('refuses %s', (_, data, message) => {
    expect(() => readJob(data)).toThrow(JobDataError);
    expect(() => readJob(data)).toThrow(message);
  });
});

describe('argsFault', () => {
  it('refuses arguments that are larger than the maxPayload of the machine, and names the machine', () => {
    const args = toText(['x'.repeat(1_100)]);
    expect(argsFault({ nodes: [node], args }, 2_000, 'one')).toBeUndefined();
    const fault = argsFault({ nodes: [node], args }, 1_024, 'one');
    expect(fault).toMatchObject({ code: 'ERR_SERIALIZATION', path: 'arguments' });
    expect(fault?.message).toMatch(
      /the arguments take 1\.1 KiB, more than the 1\.0 KiB that maxPayload of the machine one/,
    );
  });
});

describe('what readJob reads', () => {
  it('has only fields that it knows, whatever else there is', () => {
    const text = JSON.stringify(withNode({ evil: 1 })).replace(
      '"evil"',
      '"__proto__":{"polluted":1},"constructor":{"a":1},"evil"',
    );
    const read = readJob(JSON.parse(text));
    expect(read).toEqual(good);
    expect(read.trees[0]!.nodes[0]).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it('throws nothing but a PlanError, and reads nothing but known fields', () => {
    const names = fc.constantFrom('add', '__proto__', 'constructor', 'toString', '', 'x'.repeat(300));
    const anything = fc.oneof(
      { depthSize: 'small' },
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      fc.json().map((text) => JSON.parse(text)),
      names,
    );
    /** The value mostly, now and then something else: what is wrong in one place only gets the furthest. */
    const mostly = (arbitrary: fc.Arbitrary<unknown>) =>
      fc.oneof({ weight: 12, arbitrary }, { weight: 1, arbitrary: anything });
    const nodes = fc.record(
      {
        id: mostly(fc.integer({ min: 1 })),
        name: mostly(names),
        from: mostly(fc.integer({ min: -1, max: 3 })),
        steps: mostly(fc.array(mostly(names), { maxLength: 4 })),
        attempt: mostly(fc.constant(1)),
        credit: mostly(fc.option(fc.integer({ min: -1, max: 9 }), { nil: undefined })),
        timeout: mostly(fc.option(fc.double(), { nil: undefined })),
        retry: mostly(
          fc.option(fc.record({ count: mostly(fc.nat()), delay: mostly(fc.double()) }), { nil: undefined }),
        ),
      },
      { requiredKeys: [] },
    );
    const tree = fc.record({
      nodes: mostly(fc.array(mostly(nodes), { maxLength: 4 })),
      args: mostly(fc.base64String()),
    });
    const job = fc.record({
      version: mostly(fc.constant(VERSION)),
      client: mostly(fc.uuid()),
      keep: mostly(fc.integer({ min: 1 })),
      trees: mostly(fc.array(mostly(tree), { maxLength: 4 })),
    });
    fc.assert(
      fc.property(mostly(job), (data) => {
        for (const { id, attempt } of futuresIn(data)) {
          expect([id, attempt].every((number) => Number.isSafeInteger(number) && number > 0)).toBe(true);
        }
        let read: JobData;
        try {
          read = readJob(data);
        } catch (error) {
          expect(error).toBeInstanceOf(JobDataError);
          return;
        }
        expect(Object.keys(read).sort()).toEqual(['client', 'keep', 'plans', 'version']);
        for (const tree of read.trees) {
          expect(Object.keys(tree).sort()).toEqual(['args', 'legs']);
          for (const [index, node] of tree.nodes.entries()) {
            const { id, name, from, steps, attempt, credit, timeout, retry, ...rest } = node;
            expect(rest).toEqual({});
            expect(Object.getPrototypeOf(node)).toBe(Object.prototype);
            expect(Number.isSafeInteger(id) && Number.isSafeInteger(attempt) && from < index).toBe(true);
            expect([name, ...steps].every((step) => typeof step === 'string' && step.length <= 256)).toBe(true);
            if (retry !== undefined) expect(Object.keys(retry)).toEqual(['count', 'delay']);
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('decodeArgs', () => {
  const decode = (args: string) => decodeArgs({ nodes: [node], args }, 'me');

  it('gives back what a client wrote', () => {
    const args = [1, 'two', new Map([[3n, new Date(4)]]), undefined, new Uint8Array([5])];
    expect(decode(toText(args))).toEqual(args);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no base64', '€€€'],
    ['no bytes of a value', Buffer.from('hello').toString('base64')],
    ['no array', serialize({ length: 2, 0: 1, 1: 2 }).toString('base64')],
    ['half an array', serialize([1, 2, 3]).subarray(0, 6).toString('base64')],
    ['an array that says it has four billion members', serialize(Array(2 ** 32 - 1)).toString('base64')],
  ])('refuses %s', (_, args) => {
    expect(() => decode(args)).toThrow(JobDataError);
  });

  it('throws nothing but a PlanError, whatever the bytes', () => {
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

  it('gives no object another prototype', () => {
    const [value] = decode(toText([JSON.parse('{"__proto__":{"polluted":1}}')])) as [object];
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value).not.toHaveProperty('polluted');
  });
});

/** An error with another one in it twice, which has another one in it twice: small, and endless to look at. */
function doubled(depth: number): object {
  const errors = depth === 0 ? undefined : Array(2).fill(doubled(depth - 1));
  return { type: 'error', classes: [], name: 'Error', message: '', properties: {}, errors };
}

describe('decodeWords', () => {
  const text = toText('x');
  const reason = toText({ type: 'value', value: 'enough' });
  const messages: (ToClient | ToServer)[] = [
    { type: 'started', id: 1, at: 2.5 },
    { type: 'ended', id: 1, attempt: 1, kind: 0, started: 1.5, ended: 2, payload: text },
    { type: 'ended', id: 1, attempt: 1, kind: 0, started: 1.5, ended: 2 },
    { type: 'progress', id: 1, value: text },
    { type: 'items', id: 1, first: 0, values: text },
    { type: 'stop', id: 1, attempt: 1, reason },
    { type: 'credit', id: 1, count: 3 },
    { type: 'watch', id: 1, client: 'me' },
  ];

  it('gives back what was said', () => {
    expect(decodeMessages(encodeMessages(messages))).toEqual(messages);
  });

  it.each<[string, object]>([
    ['of an unknown kind', { type: 'eval', id: 1, code: 'process.exit()' }],
    ['of a kind that every object has', { type: 'constructor', id: 1 }],
    ['without an id', { type: 'started', at: 1 }],
    ['with an id that is text', { type: 'started', id: '1', at: 1 }],
    ['with a time that is none', { type: 'started', id: 1, at: 'now' }],
    ['with an end of no attempt', { type: 'ended', id: 1, kind: 0, started: 1, ended: 2, payload: text }],
    ['with an end of no kind', { type: 'ended', id: 1, attempt: 1, kind: '0', started: 1, ended: 2, payload: text }],
    ['with a payload that is no text', { type: 'ended', id: 1, attempt: 1, kind: 1, started: 1, ended: 2, payload: 7 }],
    ['with values that are no text', { type: 'items', id: 1, first: 0, values: [1] }],
    ['with a number of no values', { type: 'items', id: 1, first: -1, values: text }],
    ['with a credit that is less than nothing', { type: 'credit', id: 1, count: -1 }],
    ['with a credit without an end', { type: 'credit', id: 1, count: Number.POSITIVE_INFINITY }],
    ['with a credit that is text', { type: 'credit', id: 1, count: '1' }],
    ['with a client that has no text', { type: 'watch', id: 1, client: { toString: 1 } }],
    ['with a client that is long', { type: 'watch', id: 1, client: 'x'.repeat(65) }],
    ['without a reason', { type: 'stop', id: 1, attempt: 1 }],
    ['with a reason that is no error', { type: 'stop', id: 1, attempt: 1, reason: toText({ type: 'error' }) }],
    [
      'with a reason that has one error a billion times',
      { type: 'stop', id: 1, attempt: 1, reason: toText(doubled(30)) },
    ],
    ['with a reason that is no value', { type: 'stop', id: 1, attempt: 1, reason: '***' }],
  ])('ignores a word %s, and hears the others', (_, message) => {
    const said = { type: 'started', id: 7, at: 1 } as const;
    expect(decodeMessages(encodeMessages([message as ToClient, said]))).toEqual([said]);
  });

  it('is empty for what is none', () => {
    for (const value of [null, 1, {}, [null, 1, 'started', []]]) {
      expect(decodeMessages(JSON.stringify(value))).toEqual([]);
    }
    expect(decodeMessages('')).toEqual([]);
    expect(decodeMessages('%%%')).toEqual([]);
  });
});
