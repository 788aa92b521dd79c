/** G5 Everything settles: values that can't be cloned, in both directions. */
import { chain, Future, SerializationError, transfer } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { open } from '../support/open.js';

const unclonable: [string, () => unknown, path: string][] = [
  ['a function', () => () => {}, 'arguments[0]'],
  ['a symbol', () => Symbol('s'), 'arguments[0]'],
  ['a promise', () => Promise.resolve(1), 'arguments[0]'],
  ['a WeakMap', () => new WeakMap(), 'arguments[0]'],
  ['a function inside an array', () => [1, () => {}], 'arguments[0][1]'],
  ['a function inside an object', () => ({ 'on click': () => {} }), 'arguments[0]["on click"]'],
  ['a symbol deep inside', () => ({ a: [{ b: Symbol('s') }] }), 'arguments[0].a[0].b'],
  ['a function in a Map', () => new Map([['key', () => {}]]), 'arguments[0].get("key")'],
];

describe("G5 Everything settles: values that can't be cloned", () => {
  it.each(unclonable)('%s as an argument rejects the future with the path of the value', async (_, make, path) => {
    await using executor = open('values.js');
    const future = executor.tasks.echo(make());
    expect(future.outcome).toMatchObject({
      status: 'rejected',
      reason: { name: 'SerializationError', code: 'ERR_SERIALIZATION', path },
    });
    expect(await executor.tasks.echo('next')).toBe('next');
  });

  const withAdvice: [string, () => unknown, RegExp][] = [
    ['a Future', () => ({ pages: [Future.resolve(1)] }), /^arguments\[0\]\.pages\[0\] is a Future\. .*\ball\(\[…\]\)/],
    ['a Promise', () => [Promise.resolve(1)], /^arguments\[0\]\[0\] is a Promise\. .*\bFuture\.from\(promise\)/],
    [
      'a transfer()',
      () => [transfer(new Uint8Array(1))],
      /^arguments\[0\]\[0\] is a transfer\(\) .*\bMark the whole value/,
    ],
  ];

  it.each(withAdvice)('%s inside an argument rejects the future with advice', async (_, make, message) => {
    await using executor = open('values.js');
    const { reason } = (await executor.tasks.echo(make()).settled()) as { reason: any };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason.message).toMatch(message);
  });

  it('the error for an argument that cannot be cloned names the second argument by its position', async () => {
    await using executor = open('gates.js');
    const future = executor.submit('add', 1, (() => {}) as never);
    await expect(future).rejects.toMatchObject({ path: 'arguments[1]' });
  });

  it("a task with retry rejects at once if an argument beside a future can't be cloned", async () => {
    await using executor = open('gates.js');
    const { add } = executor.tasks;
    const future = add.with({ retry: 3 })(add(1, 2), (() => {}) as never);
    expect(future.outcome).toMatchObject({ status: 'rejected', reason: { name: 'SerializationError' } });
  });

  it("a broadcast with retry rejects if an argument can't be cloned", async () => {
    await using executor = open('gates.js', { minWorkers: 1, maxWorkers: 1 });
    await executor.ready();
    const future = executor.broadcast(executor.tasks.add.with({ retry: 3 }), 1, (() => {}) as never);
    expect(future.outcome).toMatchObject({ status: 'rejected', reason: { name: 'SerializationError' } });
  });

  it("a result that can't be cloned rejects the future with its path and keeps the worker", async () => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const { giveFunction, giveNestedFunction, giveSymbol, makeObject } = executor.tasks;
    const before = await makeObject();
    await expect(giveFunction()).rejects.toMatchObject({ name: 'SerializationError', path: 'result' });
    await expect(giveNestedFunction()).rejects.toMatchObject({ path: 'result.list[1].onClick' });
    await expect(giveSymbol()).rejects.toMatchObject({ path: 'result.key' });
    expect(await makeObject()).toEqual(before);
  });

  it("one result of a thousand can't be cloned, and only its future is rejected", async () => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const { echo, giveFunction } = executor.tasks;
    const good = Array.from({ length: 500 }, (_, i) => echo(i));
    const bad = giveFunction();
    good.push(...Array.from({ length: 500 }, (_, i) => echo(500 + i)));
    expect(await Promise.all(good)).toEqual(good.map((_, i) => i));
    await expect(bad).rejects.toBeInstanceOf(SerializationError);
  });

  it("a thrown value that can't be cloned rejects the future with a SerializationError", async () => {
    await using executor = open('errors.js', { maxWorkers: 1 });
    await expect(executor.tasks.throwFunction()).rejects.toBeInstanceOf(SerializationError);
    await expect(executor.tasks.fail('next')).rejects.toThrow('next');
  });

  it("a value that can't be sent from a function step to a task step rejects the end of the chain", async () => {
    await using executor = open('values.js');
    const head = executor.tasks.echo(1);
    const end = head.pipe(
      chain(() => () => {}),
      chain(executor.tasks.echo),
    );
    await expect(end).rejects.toBeInstanceOf(SerializationError);
    expect(await head).toBe(1);
  });

  it('a getter that throws while an argument is copied rejects the future', async () => {
    await using executor = open('values.js');
    const trap = {
      get value(): never {
        throw new RangeError('do not look');
      },
    };
    const future = executor.tasks.echo(trap);
    expect((await future.settled()).status).toBe('rejected');
    expect(await executor.tasks.echo('next')).toBe('next');
  });

  it("progress that can't be cloned ends the task and keeps the worker", async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    const future = executor.tasks.reportFunction();
    expect((await future.settled()).status).toBe('rejected');
    expect((await executor.tasks.describeSelf()).name).toBe('describeSelf');
  });
});
