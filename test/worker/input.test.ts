import { setImmediate as aTurn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Input } from '../../src/worker/input.js';

function open(values = 4, bytes = Number.POSITIVE_INFINITY) {
  const log: string[] = [];
  const input = new Input(
    { values, bytes },
    {
      open: () => log.push('open'),
      credit: (count) => log.push(`credit ${count}`),
      left: () => log.push('left'),
      waits: (isWaiting) => log.push(isWaiting ? 'waits' : 'goes on'),
    },
  );
  const next = async () => (await input.next()).value;
  return { log, input, next };
}

describe('a stream argument', () => {
  it('a stream argument opens its source at the first call of next, and waits', async () => {
    const { log, input, next } = open();
    expect(log).toEqual([]);
    const first = next();
    expect(log).toEqual(['waits', 'open']);
    input.arrived([1, 2], 0);
    expect(await first).toBe(1);
    expect(log).toEqual(['waits', 'open', 'goes on']);
    expect([await next(), log.at(-1)]).toEqual([2, 'credit 2']);
  });

  it('a stream argument returns credit after half of the bytes', async () => {
    const { log, input, next } = open(100, 100);
    input.arrived([1, 2], 60);
    await next();
    expect(log).toEqual([]);
    await next();
    expect(log).toEqual(['credit 2']);
  });

  it('a stream argument returns the values before the failure, then throws the failure once, then ends', async () => {
    const { input, next } = open();
    input.arrived([1], 0);
    input.ended({ error: new RangeError('lost') });
    input.ended();
    expect(await next()).toBe(1);
    await expect(next()).rejects.toThrow('lost');
    expect(await input.next()).toEqual({ done: true, value: undefined });
  });

  it('the end of a source ends all calls that wait', async () => {
    const { input, next } = open();
    const calls = [next(), next(), next()];
    input.arrived([1], 0);
    input.ended();
    expect(await Promise.all(calls)).toEqual([1, undefined, undefined]);
  });

  it('a stream argument rejects each call with the reason when its task is cancelled', async () => {
    const { log, input, next } = open();
    const first = next();
    input.abort('enough');
    await expect(first).rejects.toBe('enough');
    await expect(next()).rejects.toBe('enough');
    expect(log).toEqual(['waits', 'open', 'goes on']);
  });

  it('return() leaves the source of a stream argument, drops its values, and does so once', async () => {
    const { log, input, next } = open();
    const first = next();
    input.arrived([1, 2], 0);
    await first;
    await input.return();
    await input.return();
    expect(await next()).toBe(undefined);
    expect(log.filter((entry) => entry === 'left')).toEqual(['left']);
    const unopened = open();
    await unopened.input.return();
    expect(unopened.log).toEqual([]);
  });

  it('a stream argument closes the ports of values that the task does not read', async () => {
    const { input } = open();
    const [early, late] = [new MessageChannel(), new MessageChannel()];
    const closed = Promise.all([early, late].map(({ port2 }) => new Promise((done) => port2.on('close', done))));
    input.arrived([early.port1], 0);
    input.close();
    input.arrived([late.port1], 0);
    await closed;
  });

  it('a stream argument lets the event loop turn while a task reads many values', async () => {
    const { input, next } = open(1_000_000);
    input.arrived(new Array(1_000_000).fill(1), 0);
    let turns = 0;
    let isDone = false;
    const counting = (async () => {
      for (; !isDone; turns++) await aTurn();
    })();
    const end = performance.now() + 60;
    let read = 0;
    while (performance.now() < end) read += (await next()) as number;
    isDone = true;
    await counting;
    expect(read).toBeGreaterThan(1);
    expect(turns).toBeGreaterThan(1);
  });

  it('a stream argument returns all values in order, whatever the order of calls and messages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.constant('ask'), fc.integer({ min: 1, max: 9 }))), async (events) => {
        const { input, next } = open(5);
        const asked: Promise<unknown>[] = [];
        let sent = 0;
        for (const event of events) {
          if (event === 'ask') asked.push(next());
          else
            input.arrived(
              Array.from({ length: event as number }, () => ++sent),
              0,
            );
        }
        input.ended();
        const got = await Promise.all(asked);
        const expected = asked.map((_, i) => (i < sent ? i + 1 : undefined));
        expect(got).toEqual(expected);
      }),
    );
  });
});
