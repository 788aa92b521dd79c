/** Which values are plain JSON in the data of a job. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainCopy, plainExcess, plainLength } from '../../../src/protocol/queue/plain-json.js';

const overJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('plainCopy', () => {
  it('nested objects and arrays are plain, and are copied', () => {
    const options = { url: 'data:,', depth: 2, tags: ['a', null, true], more: { at: 0.5 } };
    const args = [1, options];
    const copy = plainCopy(args)!;
    expect(copy).toEqual(args);
    options.tags.push('later');
    options.more.at = 9;
    expect(copy[1]).toEqual({ url: 'data:,', depth: 2, tags: ['a', null, true], more: { at: 0.5 } });
  });

  class Point {
    x = 1;
  }
  const shared = { x: 1 };
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  let deep: unknown = 1;
  for (let i = 0; i < 20; i++) deep = [deep];
  // biome-ignore lint/suspicious/noSparseArray: a hole is what the test is about
  const holes = [1, , 3];

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a number that JSON does not have', Number.NaN],
    ['a negative zero', -0],
    ['a bigint', 5n],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['bytes', new Uint8Array(2)],
    ['an object of a class', new Point()],
    ['an object without a prototype', Object.create(null)],
    ['a property that is undefined', { x: undefined }],
    ['an array with a hole', holes],
    ['an array with another key', Object.assign([1], { key: 1 })],
    ['the key __proto__', JSON.parse('{"__proto__":{"x":1}}')],
    ['a toJSON method', { toJSON: () => 1 }],
    ['one object twice', [shared, shared]],
    ['a cycle', cycle],
    ['a proxy', new Proxy({ x: 1 }, {})],
    ['very deep values', deep],
    ['very many values', Array(2_000).fill(0)],
    ['very long text', 'x'.repeat(70_000)],
  ])('%s is not plain', (_, value) => {
    expect(plainCopy([value])).toBeUndefined();
    expect(plainCopy([{ at: [value] }])).toBeUndefined();
  });

  it('a value that is plain is the same after JSON as after a clone', () => {
    const any = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(any, fc.jsonValue())), (values) => {
        const copy = plainCopy(values);
        if (copy !== undefined) expect(overJson(copy)).toStrictEqual(structuredClone(values));
      }),
      { numRuns: 300 },
    );
  });
});

describe('plainLength', () => {
  it('plainLength is at least the length of the JSON, apart from escaped characters', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ noUnicodeString: true })), (values) => {
        const escaped = JSON.stringify(values).match(/\\/g)?.length ?? 0;
        expect(plainLength(values) + 5 * escaped).toBeGreaterThanOrEqual(JSON.stringify(values).length);
      }),
    );
  });
});

describe('plainExcess', () => {
  it('plainExcess is the exact number of bytes if they exceed the limit', () => {
    const values = ['é'.repeat(10), 1];
    const bytes = Buffer.byteLength(JSON.stringify(values));
    expect(plainExcess(values, bytes - 1)).toBe(bytes);
    expect(plainExcess(values, bytes)).toBeUndefined();
    expect(plainExcess(values, 1_000_000)).toBeUndefined();
  });
});
