/** G12 A task sees the arguments that were submitted. */
import { chain } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('G12 A task sees the arguments that were submitted', () => {
  it('a task does not see a change of its argument in the tick of the submit', async () => {
    await using executor = open('values.js');
    const page = { title: 'first', tags: ['a'], meta: new Map([['k', { v: 1 }]]) };
    const future = executor.tasks.echo(page);
    page.title = 'second';
    page.tags.push('b');
    page.meta.get('k')!.v = 2;
    expect(await future).toEqual({ title: 'first', tags: ['a'], meta: new Map([['k', { v: 1 }]]) });
  });

  it('a task does not see a change of its argument while it waits behind other tasks', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const holding = executor.tasks.hold(gate.cells);
    const argument = { count: 0 };
    const waiting = Array.from({ length: 200 }, () => {
      argument.count++;
      return executor.submit((value: { count: number }) => value.count, argument);
    });
    argument.count = -1;
    await gate.arrivals();
    argument.count = -2;
    gate.open();
    await holding;
    expect(await Promise.all(waiting)).toEqual(waiting.map((_, i) => i + 1));
  });

  it('a task does not see a change of its argument while it waits for arguments that are futures', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const now = { word: 'now' };
    const slow = executor.tasks.linger(gate.cells, 1);
    const future = executor.submit((value: { word: string }, n: number) => value.word + n, now, slow);
    now.word = 'later';
    gate.open();
    expect(await future).toBe('now1');
  });

  it('typed arrays and buffers are copied', async () => {
    await using executor = open('values.js');
    const bytes = new Uint8Array([1, 2, 3]);
    const future = executor.tasks.sum(bytes);
    bytes.fill(100);
    expect(await future).toBe(6);
    expect(bytes).toEqual(new Uint8Array([100, 100, 100]));
  });

  it('a change that a task makes to its argument is invisible to the caller and to the next task', async () => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const shared = { list: [1] };
    const grow = (value: { list: number[] }) => value.list.push(2);
    expect(await Promise.all([executor.submit(grow, shared), executor.submit(grow, shared)])).toEqual([2, 2]);
    expect(shared).toEqual({ list: [1] });
  });

  it('the value of a future does not change if its chain changes the value', async () => {
    await using executor = open('values.js');
    const head = executor.submit(() => ({ list: [1] }));
    const end = head.pipe(chain(executor.tasks.grow));
    expect(await end).toEqual({ list: [1, 2] });
    expect(await head).toEqual({ list: [1] });
  });

  it.each([
    ['a number', 1.5],
    ['-0', -0],
    ['NaN', Number.NaN],
    ['a bigint', 2n ** 80n],
    ['a string', 'ünï\u0000code'],
    ['undefined', undefined],
    ['null', null],
    ['a Date', new Date(86_400_000)],
    ['a RegExp', /a(b)c/gi],
    ['a Map', new Map<unknown, unknown>([[{ k: 1 }, new Set([1, '2'])]])],
    ['an Error', new RangeError('as a value')],
    ['a typed array', new Float64Array([0.5, -0, Number.POSITIVE_INFINITY])],
    ['a sparse array', Object.assign(new Array(3), { 2: 'last' })],
    ['an array with undefined', [undefined, null]],
    ['an object with undefined', { a: undefined, b: null }],
    ['an object without prototype', Object.assign(Object.create(null), { bare: true })],
    ['nested data', { deep: [{ er: [[[{ est: 'x' }]]] }] }],
  ])('%s arrives as structuredClone would copy it', async (_, value) => {
    await using executor = open('values.js');
    const back = await executor.submit('echo', value);
    expect(back).toStrictEqual(structuredClone(value));
  });

  it('cycles and shared parts of an argument are preserved', async () => {
    await using executor = open('values.js');
    const part = { name: 'part' };
    const value: Record<string, unknown> = { one: part, two: part };
    value['self'] = value;
    const back = (await executor.submit('echo', value)) as Record<string, unknown>;
    expect(back['self']).toBe(back);
    expect(back['one']).toBe(back['two']);
  });
});
