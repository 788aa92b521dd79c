/** What comes back from a task that fails, and from a value that can't travel. */
import { SerializationError, TaskNotFoundError } from 'rx-futures';
import { expect } from 'vitest';
import type { Exam } from '../describe-backend.js';

export function failures({ it, open, makeGate }: Exam): void {
  it('rejects with the name, message, own properties, cause and stack of what was thrown', async () => {
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

  it('rejects with what an async task throws after an await', async () => {
    await using executor = open('errors.js');
    await expect(executor.tasks.failLater('too late')).rejects.toThrow(new Error('too late'));
  });

  it('rejects when a task throws something falsy', async () => {
    await using executor = open('errors.js');
    for (const value of [null, undefined, 0, '', false]) {
      expect(await executor.tasks.throwValue(value).settled()).toMatchObject({ status: 'rejected', reason: value });
    }
  });

  it('rejects with SerializationError for an argument that can not be cloned, naming the part', async () => {
    await using executor = open('values.js');
    const future = executor.tasks.echo({ options: { onDone: () => {} } });
    const { reason } = (await future.settled()) as { reason: any };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason.path).toBe('arguments[0].options.onDone');
  });

  it('rejects with SerializationError for a result that can not be cloned, naming the part', async () => {
    await using executor = open('values.js');
    const { reason } = (await executor.tasks.giveNestedFunction().settled()) as { reason: any };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason.path).toBe('result.list[1].onClick');
    expect(reason.message).toContain('result.list[1].onClick');
  });

  it('keeps the worker, and the other results, when one of them can not be cloned', async () => {
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

  it('rejects with TaskNotFoundError, listing the exports there are', async () => {
    await using executor = open('initialized.js');
    const { reason } = (await executor.submit('initialise' as 'initializations').settled()) as { reason: any };
    expect(reason).toBeInstanceOf(TaskNotFoundError);
    expect(reason.task).toBe('initialise');
    expect([...reason.exports].sort()).toEqual(['initializations', 'initialize', 'initializeBadly', 'initializeOnce']);
    expect(reason.message).toContain('initialise');
  });

  it('rejects a task whose future argument fails, with the same error and without running it', async () => {
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
