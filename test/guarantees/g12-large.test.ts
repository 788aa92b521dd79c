/**
 * G12 A task sees the arguments that were submitted: large values. On threads they wait as JSON or
 * as bytes.
 */
import { Buffer } from 'node:buffer';
import { ActorDiedError } from 'rx-futures';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

interface Row {
  id: number;
  tags: string[];
}

const manyRows = (): Row[] => Array.from({ length: 100 }, (_, id) => ({ id, tags: [`tag ${id}`] }));
const sumOf = (rows: Row[]) => rows.reduce((sum, { id }) => sum + id, 0);
const ROWS_SUM = sumOf(manyRows());

class Point {
  constructor(
    readonly x: number,
    readonly y = -0,
  ) {}
}

/** Returns a value with so many objects that it is large. */
const many = (make: (i: number) => unknown) => Array.from({ length: 40 }, (_, i) => ({ i, part: make(i) }));

/** Large values of each kind that waits in another way. Each has a length of 100,000 or 100. */
const kinds: [what: string, make: () => ArrayLike<unknown>][] = [
  ['plain data, which waits as JSON', manyRows],
  ['data with dates, which waits as bytes', () => manyRows().map((row) => ({ ...row, at: new Date(row.id) }))],
  ['a typed array, which waits as a copy', () => new Uint8Array(100_000)],
];

/** Changes a value after it was submitted. */
function spoil(value: ArrayLike<unknown>): void {
  if (Array.isArray(value)) value.length = 0;
  else structuredClone(value, { transfer: [(value as Uint8Array<ArrayBuffer>).buffer] });
}

describe('G12 A task sees the arguments that were submitted: large values', () => {
  it.each<[what: string, value: unknown]>([
    ['an array of objects', manyRows()],
    ['a long array of numbers', Array.from({ length: 5_000 }, (_, i) => i / 3)],
    ['a long array with holes', Object.assign(new Array(2_000), { 7: 'seven' })],
    ['a long array with a property', Object.assign(new Array(1_500).fill(0), { name: 'zeros' })],
    ['a large Map with objects', new Map(Array.from({ length: 1_500 }, (_, i) => [{ i }, new Set([i])]))],
    ['instances of a class', many((i) => new Point(i))],
    ['errors', many((i) => new RangeError(`number ${i}`, { cause: i }))],
    ['regular expressions, dates, bigints and boxed values', many((i) => [/a/g, new Date(i), 2n ** 70n, Object(i)])],
    ['typed arrays', many((i) => [new Uint8Array([i]), new Float64Array([i / 3]), new DataView(new ArrayBuffer(8))])],
    ['small Buffers', many((i) => Buffer.from(`text ${i}`))],
    ['undefined, NaN and -0', many(() => [undefined, Number.NaN, -0, null])],
    ['lone surrogates', many(() => '\ud800 and \udfff')],
    ['objects without prototype', many((i) => Object.assign(Object.create(null), { i }))],
    ['the key __proto__', many(() => JSON.parse('{ "__proto__": { "a": 1 } }'))],
  ])('%s: the value arrives as structuredClone would copy it', async (_, value) => {
    await using executor = open('values.js');
    expect(await executor.submit('echo', value)).toStrictEqual(structuredClone(value));
  });

  it('cycles and shared parts of a large value are preserved', async () => {
    await using executor = open('values.js');
    const rows: unknown[] = manyRows();
    rows.push(rows, rows[0]);
    const back = (await executor.submit('echo', rows)) as unknown[];
    expect(back[100]).toBe(back);
    expect(back[101]).toBe(back[0]);
  });

  it('a task sees no later change, and the next task no change by the one before', async () => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const rows = manyRows();
    const empty = (list: Row[]) => list.splice(0).length;
    const lengths = [executor.submit(empty, rows), executor.submit(empty, rows)];
    rows.length = 3;
    expect(await Promise.all(lengths)).toEqual([100, 100]);
  });

  it('a part that is shared memory stays shared', async () => {
    await using executor = open('values.js');
    const cells = new Int32Array(new SharedArrayBuffer(4));
    const fill = (list: { part: Int32Array }[]) => {
      for (const { part } of list) Atomics.add(part, 0, 1);
    };
    await executor.submit(fill, many(() => cells) as never);
    expect(cells[0]).toBe(40);
  });

  it('a handle arrives, although it has no bytes', async () => {
    await using executor = open('values.js');
    const back = (await executor.submit(
      'echo',
      many(() => new Blob(['text'])),
    )) as { part: Blob }[];
    expect(await back[39]!.part.text()).toBe('text');
  });

  it('an empty buffer that was transferred before is refused', async () => {
    await using executor = open('values.js');
    const view = new Uint8Array(8);
    structuredClone(view, { transfer: [view.buffer] });
    await expect(
      executor.submit(
        'echo',
        many(() => view),
      ),
    ).rejects.toThrow(/\[0\]\.part was transferred before/);
  });

  it("a part that can't be sent is named", async () => {
    await using executor = open('values.js');
    const rows = [...manyRows(), { id: 1, tags: [() => {}] }];
    await expect(executor.submit('echo', rows)).rejects.toThrow(/arguments\[0\]\[100\]\.tags\[0\]/);
  });

  it.each(kinds)('a task that is sent to another worker receives %s', async (_, make) => {
    await using executor = open('gates.js', { maxWorkers: 1, onUnobservedError() {} });
    using gate = new Gate();
    const size = ({ length }: ArrayLike<unknown>) => length;
    const dying = executor.tasks.holdAndExit(gate.cells, 3);
    await gate.arrivals();
    const waiting = Array.from({ length: 20 }, () => executor.submit(size, make()));
    gate.open();
    await expect(dying).rejects.toThrow();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => make().length));
  });

  it.each(kinds)('a retry receives %s', async (_, make) => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const value = make();
    const future = executor.tasks.sizeAtSecondCall.with({ retry: 1 })(value);
    spoil(value);
    expect(await future).toBe(make().length);
  });

  it.each(kinds)('a caller whose task has settled still has %s', async (_, make) => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const value = make();
    const result = (await executor.submit('echo', value)) as ArrayLike<unknown>;
    expect([value.length, result.length]).toEqual([make().length, make().length]);
    const next = executor.submit('echo', result);
    next.cancel();
    await next.settled();
    expect(result.length).toBe(make().length);
  });

  it('a task receives a large argument beside a shared value, a future and another large argument', async () => {
    await using executor = open('gates.js');
    const shared = executor.share(new Map([['a', 1]]));
    const later = executor.tasks.add(1, 1);
    const sum = (rows: Row[], table: ReadonlyMap<string, number>, n: number, more: Row[]) =>
      rows.length + table.get('a')! + n + more.length;
    expect(await executor.submit(sum as never, manyRows(), shared, later, manyRows())).toBe(203);
  });

  it.each(kinds)('an actor that restarts receives %s', async (_, make) => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    const value = make();
    await using box = executor.actors.Box.with({ restart: 1 })(value);
    spoil(value);
    expect(await box.size()).toBe(make().length);
    await expect(box.exit(1)).rejects.toBeInstanceOf(ActorDiedError);
    expect(await box.size()).toBe(make().length);
  });

  it.each(kinds)('each part of a broadcast and each reader of a stream receives %s', async (_, make) => {
    await using executor = open('values.js', { minWorkers: 2, maxWorkers: 2 });
    await executor.ready();
    const size = ({ length }: ArrayLike<unknown>) => length;
    const { length } = make();
    expect(await Promise.all(await executor.broadcast(size, make()))).toEqual([length, length]);
    const stream = executor.stream(function* (value: ArrayLike<unknown>) {
      yield value.length;
    }, make());
    for (let reader = 0; reader < 3; reader++) expect(await lastValueFrom(stream)).toBe(length);
  });

  it('a stream receives a large argument', async () => {
    await using executor = open('values.js');
    const ids = function* (rows: Row[]) {
      for (const { id } of rows) yield id;
    };
    let sum = 0;
    for await (const id of executor.stream(ids, manyRows())) sum += id;
    expect(sum).toBe(ROWS_SUM);
  });
});
