/** The warning for `array.map(task)`, which sends the whole array with each call. */
import { Executor, type Future, type Task } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { from, lastValueFrom, map as mapValues, mergeMap, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

/** Returns the messages of the warnings since the last call. */
function warned(): string[] {
  const calls = emitWarning.mock.calls.splice(0) as unknown as [message: string, options: { code?: string }][];
  return calls.filter(([, { code }]) => code === 'RXF_WHOLE_ARRAY').map(([message]) => message);
}

let executor: Executor<typeof import('../../fixtures/values.js')>;
/** A task with one parameter, as its author sees it. */
let echo: Task<[value: any], any>;

beforeEach(() => {
  executor = new Executor({ tasks: new URL('../../fixtures/values.js', import.meta.url), backend: inlineBackend() });
  echo = executor.tasks.echo;
});

afterEach(async () => {
  await executor.shutdown();
  emitWarning.mockClear();
});

describe('a task that an array method calls', () => {
  it('array.map(task) warns once, and the warning shows what to write instead', async () => {
    const futures: Future<any>[] = [...[1, 2, 3].map(echo), ...[4].map(echo)];
    expect(warned()).toEqual([
      'echo(value, index, array) was called by an array method, as in array.map(task): each call sends the whole array of 3 items. Write array.map((item) => echo(item)), or executor.map(task, array).',
    ]);
    expect(await Promise.all(futures)).toEqual([1, 2, 3, 4]);
  });

  it('every array method that passes the array causes the warning', async () => {
    const list = [1, 2];
    const methods: ((task: any) => unknown)[] = [
      (task) => list.forEach(task),
      (task) => list.filter(task),
      (task) => list.flatMap(task),
      (task) => list.some(task),
      (task) => list.find(task),
      (task) => list.reduce(task),
      (task) => list.reduceRight(task, 0),
      (task) => [Number.NaN, undefined].map(task),
      (task) => new Float64Array([0.5, Number.NaN]).forEach(task),
      (task) => new Set(['a']).forEach(task),
      (task) => new Map([['key', 'value']]).forEach(task),
    ];
    for (const method of methods) {
      method(echo.with({}));
      expect(warned(), String(method)).toHaveLength(1);
    }
  });

  it('every way to submit causes the warning', async () => {
    const list = ['a', 'b'];
    list.map(echo.stream as never);
    expect(warned()).toEqual([expect.stringContaining('(item) => echo.stream(item)')]);
    list.map(executor.submit.bind(executor, 'echoLater' as never) as never);
    expect(warned()).toEqual([expect.stringContaining("(item) => executor.submit('echoLater', item)")]);
    list.map(executor.stream.bind(executor, 'giveSymbol' as never) as never);
    expect(warned()).toEqual([expect.stringContaining("(item) => executor.stream('giveSymbol', item)")]);
    const bound = executor.with({ priority: 1 });
    list.map(bound.submit.bind(bound, echo.with({})) as never);
    expect(warned()).toEqual([expect.stringContaining('(item) => executor.submit(echo, item)')]);
    const twice = (text: unknown) => `${text}${text}`;
    list.map(executor.submit.bind(executor, twice) as never);
    expect(warned()).toEqual([expect.stringContaining('(item) => executor.submit(twice, item)')]);
  });

  it('each handle has its own warning', async () => {
    [1].map(echo);
    [1].map(executor.tasks.echoLater as Task<[any], any>);
    expect(warned()).toHaveLength(2);
  });
});

describe('other calls', () => {
  it('calls that are not made by an array method emit no warning', async () => {
    const list = [1, 2, 3];
    const call = echo as (...args: unknown[]) => Future<unknown>;
    list.map((item) => echo(item));
    Array.from(list, echo);
    call(1, 2, 3);
    call(1, 0);
    call(9, 0, list);
    call(1, 0.5, list);
    call(undefined, 7, list);
    call(1, '0', list);
    call(2, 0, new DataView(new ArrayBuffer(8)));
    call(1, 0, list, 'more');
    call('key', 'value', new Map([['key', 'value']]));
    await lastValueFrom(from(list).pipe(mergeMap(echo), toArray()));
    await lastValueFrom(from(list).pipe(mapValues(echo), toArray()));
    await lastValueFrom(executor.map(echo, list).pipe(toArray()));
    expect(warned()).toEqual([]);
  });
});
