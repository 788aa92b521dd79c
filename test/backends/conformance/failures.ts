/** Tasks that fail, and values that can't be sent. */
import { SerializationError, TaskNotFoundError } from 'rx-futures';
import { expect } from 'vitest';
import type { Suite } from '../describe-backend.js';

export function failures({ it, open, makeGate }: Suite): void {
  it('a rejection keeps the name, message, own properties, cause and stack of the thrown error', async () => {
    await using executor = open('errors.js');
    const { reason } = (await executor.tasks.failHttp().settled()) as { reason: any };
    expect(reason).toBeInstanceOf(Error);
    expect(reason).toMatchObject({
      name: 'HttpError',
      message: 'Service Unavailable',
      status: 503,
      headers: { 'retry-after': '3' },
    });
    expect(reason.cause).toBeInstanceOf(RangeError);
    expect(reason.cause.message).toBe('socket 7 hung up');
    expect(reason.stack).toContain('failHttp');
  });

  it('an async task that throws after an await rejects its future', async () => {
    await using executor = open('errors.js');
    await expect(executor.tasks.failLater('too late')).rejects.toThrow(new Error('too late'));
  });

  it('a task that throws a falsy value rejects its future', async () => {
    await using executor = open('errors.js');
    for (const value of [null, undefined, 0, '', false]) {
      expect(await executor.tasks.throwValue(value).settled()).toMatchObject({ status: 'rejected', reason: value });
    }
  });

  it('an argument that cannot be cloned rejects with a SerializationError that names the part', async () => {
    await using executor = open('values.js');
    const future = executor.tasks.echo({ options: { onDone: () => {} } });
    const { reason } = (await future.settled()) as { reason: any };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason.path).toBe('arguments[0].options.onDone');
  });

  it('a result that cannot be cloned rejects with a SerializationError that names the part', async () => {
    await using executor = open('values.js');
    const { reason } = (await executor.tasks.giveNestedFunction().settled()) as { reason: any };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason.path).toBe('result.list[1].onClick');
    expect(reason.message).toContain('result.list[1].onClick');
  });

  it('a result that cannot be cloned affects neither the worker nor other results', async () => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const { echo, giveFunction, giveSymbol, makeObject } = executor.tasks;
    const first = makeObject();
    await first;
    const futures = [echo('before'), giveFunction(), echo('between'), giveSymbol(), echo('after')];
    const outcomes = await Promise.all(futures.map((future) => (future as ReturnType<typeof echo>).settled()));
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason))).toEqual([
      'before',
      expect.any(SerializationError),
      'between',
      expect.any(SerializationError),
      'after',
    ]);
    const last = makeObject();
    await last;
    expect(last.threadId).toBe(first.threadId);
  });

  it('an unknown task rejects with a TaskNotFoundError that lists the exports', async () => {
    await using executor = open('initialized.js');
    const { reason } = (await executor.submit('initialise' as 'initializations').settled()) as { reason: any };
    expect(reason).toBeInstanceOf(TaskNotFoundError);
    expect(reason.task).toBe('initialise');
    expect([...reason.exports].sort()).toEqual(['initializations', 'initialize', 'initializeBadly', 'initializeOnce']);
    expect(reason.message).toContain('initialise');
  });

  it('a task whose future argument fails rejects with the same error and never runs', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const { count, lingerAndFail } = executor.tasks;
    const failing = lingerAndFail(gate.cells, 'no argument');
    const future = count(failing);
    await gate.arrivals();
    gate.open();
    const [{ reason }, own] = (await Promise.all([failing.settled(), future.settled()])) as {
      reason: unknown;
    }[] as any;
    expect(own).toMatchObject({ status: 'rejected' });
    expect(own.reason).toBe(reason);
    expect(gate.runs).toBe(0);
  });
}
