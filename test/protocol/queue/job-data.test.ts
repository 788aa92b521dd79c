/** The data of jobs and messages, and checks of data that anyone may have written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { futuresIn, type JobData, JobDataError, readJob, VERSION } from '../../../src/protocol/queue/job-data.js';
import { decodeMessages, encodeMessages, type ToClient, type ToServer } from '../../../src/protocol/queue/messages.js';
import { toText } from '../../../src/protocol/queue/value-text.js';

const node = { id: 1, name: 'add', from: -1, steps: ['add'], attempt: 1 };
const good: JobData = {
  version: VERSION,
  client: 'me',
  keep: 1_000,
  trees: [{ nodes: [node], args: toText([1, 2]) }],
};
const withNode = (changes: object) => ({ ...good, trees: [{ ...good.trees[0], nodes: [{ ...node, ...changes }] }] });

describe('readJob', () => {
  it('readJob returns the data that a client wrote', () => {
    const rich = {
      credit: 4,
      creditBytes: 900,
      timeout: 10,
      deadline: 20,
      expires: 1_800_000_000_000,
      retry: { count: 2, delay: 5 },
    };
    const second = { ...node, id: 2, from: 0, steps: ['a', 'b'], deadline: 30 };
    const contexts = toText([{ request: 7 }, undefined]);
    const full = { ...good, trees: [{ nodes: [{ ...node, ...rich }, second], args: toText([]), contexts }] };
    expect(readJob(JSON.parse(JSON.stringify(full)))).toEqual(full);
  });

  it('readJob reads version 1, in which all arguments are text, and version 2', () => {
    const first = { ...good, version: 1 };
    expect(readJob(first)).toEqual(good);
    const plain = { ...good, trees: [{ nodes: [node], args: [1, { url: 'data:,' }] }] };
    expect(readJob(plain)).toEqual(plain);
  });

  it.each<[string, unknown, RegExp]>([
    ['null', null, /data: expected an object, got null/],
    ['an array', [], /data: expected an object, got an array/],
    ['nothing', {}, /client: expected a string/],
    [
      'a client that is long',
      { ...good, client: 'x'.repeat(65) },
      /client: expected a string of at most 64 characters/,
    ],
    ['no version', { ...good, version: undefined }, /reads the versions 1 and 2, got undefined/],
    ['a later version', { ...good, version: 3 }, /reads the versions 1 and 2, got 3\. .*update the servers first/],
    [
      'a version that has no text',
      { ...good, version: { toString: 1, valueOf: 1 } },
      /reads the versions 1 and 2, got/,
    ],
    ['no trees', { ...good, trees: [] }, /trees: expected an array of 1 to 256/],
    ['many trees', { ...good, trees: Array(257).fill(good.trees[0]) }, /trees: expected an array of 1 to 256/],
    ['many nodes', { ...good, trees: [{ nodes: Array(257).fill(node), args: '' }] }, /trees\[0\]\.nodes: expected/],
    ['no end of time', { ...good, keep: -1 }, /keep: expected a time in ms/],
    ['no args', { ...good, trees: [{ nodes: [node] }] }, /args: expected a string/],
    ['an id that is text', withNode({ id: '1' }), /nodes\[0\]\.id: expected the id of a future/],
    ['an id that is none', withNode({ id: 0.5 }), /nodes\[0\]\.id/],
    ['a node that depends on itself', withNode({ from: 0 }), /nodes\[0\]\.from: expected an earlier node/],
    ['no steps', withNode({ steps: [] }), /nodes\[0\]\.steps: expected 1 to 256 names/],
    ['steps that are no names', withNode({ steps: [{ toString: 'add' }] }), /nodes\[0\]\.steps/],
    ['a credit that is less than nothing', withNode({ credit: -4 }), /nodes\[0\]\.credit: expected 1 or more/],
    ['bytes that are less than nothing', withNode({ credit: 1, creditBytes: 0 }), /\.creditBytes: expected 1 or more/],
    ['a timeout that is text', withNode({ timeout: '1' }), /nodes\[0\]\.timeout: expected ms/],
    ['a timeout of less than nothing', withNode({ timeout: -1 }), /nodes\[0\]\.timeout: expected ms/],
    ['a deadline of nothing', withNode({ deadline: 0 }), /nodes\[0\]\.deadline: expected ms/],
    ['an end without a deadline', withNode({ expires: 1 }), /nodes\[0\]\.expires: expected a time in ms, beside a/],
    ['an end that is text', withNode({ deadline: 1, expires: 'soon' }), /nodes\[0\]\.expires/],
    [
      'contexts that are no text',
      { ...good, trees: [{ ...good.trees[0], contexts: [1] }] },
      /trees\[0\]\.contexts: expected a string, got an array/,
    ],
    ['retries without a count', withNode({ retry: {} }), /nodes\[0\]\.retry: expected { count, delay }/],
    ['retries with a delay that is text', withNode({ retry: { count: 1, delay: '1' } }), /nodes\[0\]\.retry/],
  ])('readJob rejects %s', (_, data, message) => {
    expect(() => readJob(data)).toThrow(JobDataError);
    expect(() => readJob(data)).toThrow(message);
  });
});

describe('readJob, for untrusted data,', () => {
  it('readJob returns only known fields', () => {
    const text = JSON.stringify(withNode({ evil: 1 })).replace(
      '"evil"',
      '"__proto__":{"polluted":1},"constructor":{"a":1},"evil"',
    );
    const read = readJob(JSON.parse(text));
    expect(read).toEqual(good);
    expect(read.trees[0]!.nodes[0]).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it('readJob throws only a JobDataError, and returns only known fields', () => {
    const names = fc.constantFrom('add', '__proto__', 'constructor', 'toString', '', 'x'.repeat(300));
    const anything = fc.oneof(
      { depthSize: 'small' },
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      fc.json().map((text) => JSON.parse(text)),
      names,
    );
    /** Mostly the value, seldom something else: data with a single fault gets the furthest. */
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
        creditBytes: mostly(fc.option(fc.integer({ min: -1, max: 9 }), { nil: undefined })),
        timeout: mostly(fc.option(fc.double(), { nil: undefined })),
        deadline: mostly(fc.option(fc.double(), { nil: undefined })),
        expires: mostly(fc.option(fc.double(), { nil: undefined })),
        retry: mostly(
          fc.option(fc.record({ count: mostly(fc.nat()), delay: mostly(fc.double()) }), { nil: undefined }),
        ),
      },
      { requiredKeys: [] },
    );
    const tree = fc.record({
      nodes: mostly(fc.array(mostly(nodes), { maxLength: 4 })),
      args: mostly(fc.oneof(fc.base64String(), fc.array(fc.jsonValue()))),
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
        expect(Object.keys(read).sort()).toEqual(['client', 'keep', 'trees', 'version']);
        for (const tree of read.trees) {
          expect(Object.keys(tree).sort()).toEqual(['args', 'nodes']);
          for (const [index, node] of tree.nodes.entries()) {
            const { id, name, from, steps, attempt, credit, creditBytes, timeout, deadline, expires, retry, ...rest } =
              node;
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

/** An error that contains another one twice, and so on: small, but with 2^depth occurrences. */
function doubled(depth: number): object {
  const errors = depth === 0 ? undefined : Array(2).fill(doubled(depth - 1));
  return { type: 'error', classes: [], name: 'Error', message: '', properties: {}, errors };
}

describe('decodeMessages', () => {
  const text = toText('x');
  const reason = toText({ type: 'value', value: 'enough' });
  const messages: (ToClient | ToServer)[] = [
    { type: 'started', id: 1, at: 2.5 },
    { type: 'settled', id: 1, attempt: 1, kind: 0, started: 1.5, ended: 2, payload: text },
    { type: 'settled', id: 1, attempt: 1, kind: 0, started: 1.5, ended: 2 },
    { type: 'progress', id: 1, value: text },
    { type: 'values', id: 1, first: 0, values: text },
    { type: 'values', id: 1, first: 0, values: text, bytes: 9, creditLeft: 3 },
    { type: 'cancel', id: 1, attempt: 1, reason },
    { type: 'credit', id: 1, count: 3 },
    { type: 'watch', id: 1, client: 'me' },
  ];

  it('decodeMessages returns the encoded messages', () => {
    expect(decodeMessages(encodeMessages(messages))).toEqual(messages);
  });

  it.each<[string, object]>([
    ['of an unknown kind', { type: 'eval', id: 1, code: 'process.exit()' }],
    ['of a kind that every object has', { type: 'constructor', id: 1 }],
    ['without an id', { type: 'started', at: 1 }],
    ['with an id that is text', { type: 'started', id: '1', at: 1 }],
    ['with a time that is none', { type: 'started', id: 1, at: 'now' }],
    ['with an outcome without an attempt', { type: 'settled', id: 1, kind: 0, started: 1, ended: 2, payload: text }],
    [
      'with an outcome without a kind',
      { type: 'settled', id: 1, attempt: 1, kind: '0', started: 1, ended: 2, payload: text },
    ],
    [
      'with a payload that is no text',
      { type: 'settled', id: 1, attempt: 1, kind: 1, started: 1, ended: 2, payload: 7 },
    ],
    ['with values that are no text', { type: 'values', id: 1, first: 0, values: [1] }],
    ['with bytes that are text', { type: 'values', id: 1, first: 0, values: text, bytes: '9' }],
    ['with less than no credit left', { type: 'values', id: 1, first: 0, values: text, creditLeft: -1 }],
    ['with a number of no values', { type: 'values', id: 1, first: -1, values: text }],
    ['with a credit that is less than nothing', { type: 'credit', id: 1, count: -1 }],
    ['with a credit without an end', { type: 'credit', id: 1, count: Number.POSITIVE_INFINITY }],
    ['with a credit that is text', { type: 'credit', id: 1, count: '1' }],
    ['with a client that has no text', { type: 'watch', id: 1, client: { toString: 1 } }],
    ['with a client that is long', { type: 'watch', id: 1, client: 'x'.repeat(65) }],
    ['without a reason', { type: 'cancel', id: 1, attempt: 1 }],
    ['with a reason that is no error', { type: 'cancel', id: 1, attempt: 1, reason: toText({ type: 'error' }) }],
    [
      'with a reason that has one error a billion times',
      { type: 'cancel', id: 1, attempt: 1, reason: toText(doubled(30)) },
    ],
    ['with a reason that is no value', { type: 'cancel', id: 1, attempt: 1, reason: '***' }],
  ])('decodeMessages ignores a message %s, and returns the others', (_, message) => {
    const valid = { type: 'started', id: 7, at: 1 } as const;
    expect(decodeMessages(encodeMessages([message as ToClient, valid]))).toEqual([valid]);
  });

  it('decodeMessages returns nothing for data that is not a list of messages', () => {
    for (const value of [null, 1, {}, [null, 1, 'started', []]]) {
      expect(decodeMessages(JSON.stringify(value))).toEqual([]);
    }
    expect(decodeMessages('')).toEqual([]);
    expect(decodeMessages('%%%')).toEqual([]);
  });
});
