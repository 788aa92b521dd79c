/** G3 Callbacks. */
import { isMainThread, threadId } from 'node:worker_threads';
import { Executor, type Future, type Outcome } from 'rx-futures';
import { config } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { open } from '../support/open.js';

describe('G3 Callbacks', () => {
  it('done callbacks and subscribers run on the thread that owns the executor', async () => {
    await using executor = open('gates.js');
    const here = { isMainThread, threadId };
    const there: unknown[] = [];
    const futures = Array.from({ length: 1_000 }, () => executor.tasks.whichThread());
    for (const future of futures) {
      future.addDoneCallback(() => there.push({ isMainThread, threadId }));
      future.subscribe(() => there.push({ isMainThread, threadId }));
    }
    const workers = await Promise.all(futures);
    expect(there).toEqual(Array(2_000).fill(here));
    expect(workers).not.toContain(threadId);
  });

  it('callbacks and subscribers run in the order in which they were added', async () => {
    await using executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    const log: string[] = [];
    future.addDoneCallback(() => log.push('callback 1'));
    future.subscribe(() => log.push('subscriber 2'));
    future.addDoneCallback(() => log.push('callback 3'));
    future.subscribe(() => log.push('subscriber 4'));
    await future;
    expect(log).toEqual(['callback 1', 'subscriber 2', 'callback 3', 'subscriber 4']);
  });

  it('callbacks run at settlement, before any await continues', async () => {
    await using executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    const log: string[] = [];
    const awaited = future.then(() => log.push('await'));
    future.addDoneCallback(() => {
      log.push(`callback sees ${future.state}`);
      queueMicrotask(() => log.push('microtask'));
    });
    future.addDoneCallback(() => log.push('second callback'));
    await awaited;
    expect(log.slice(0, 2)).toEqual(['callback sees fulfilled', 'second callback']);
    expect(log).toContain('await');
  });

  it('a callback finishes before the next callback of any future starts', async () => {
    await using executor = open('gates.js');
    let depth = 0;
    let deepest = 0;
    const futures = Array.from({ length: 500 }, (_, i) => executor.tasks.add(i, 1));
    for (const future of futures) {
      future.addDoneCallback(() => {
        deepest = Math.max(deepest, ++depth);
        depth--;
      });
    }
    await Promise.all(futures);
    expect(deepest).toBe(1);
  });

  it('a callback that is added to a settled future runs at once', async () => {
    await using executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    await future;
    let outcome: Outcome<number> | undefined;
    future.addDoneCallback((late) => {
      outcome = late;
    });
    expect(outcome).toEqual({ status: 'fulfilled', value: 2, future });
  });

  it('an error of a callback goes to onCallbackError and affects neither other callbacks nor the future', async () => {
    const reported: [unknown, Future<unknown>][] = [];
    await using executor = open('gates.js', { onCallbackError: (error, future) => reported.push([error, future]) });
    const log: string[] = [];
    const future = executor.tasks.add(1, 1);
    const mistake = new Error('a mistake in a callback');
    future.addDoneCallback(() => {
      throw mistake;
    });
    future.addDoneCallback(() => log.push('the next one'));
    expect(await future).toBe(2);
    expect(log).toEqual(['the next one']);
    expect(reported).toEqual([[mistake, future]]);
    expect(reported[0]![1]).toBe(future);
  });

  it('an error of a subscriber goes to config.onUnhandledError, as in RxJS', async () => {
    await using executor = open('gates.js');
    const mistake = new Error('a mistake in a subscriber');
    const future = executor.tasks.add(1, 1);
    const log: string[] = [];
    const reported = new Promise((resolve) => {
      config.onUnhandledError = resolve;
    });
    try {
      future.subscribe(() => {
        throw mistake;
      });
      future.subscribe(() => log.push('the next one'));
      await future;
      expect(await reported).toBe(mistake);
      expect(log).toEqual(['the next one']);
    } finally {
      config.onUnhandledError = null;
    }
  });

  it('a callback that is added twice runs twice', async () => {
    await using executor = open('gates.js');
    let calls = 0;
    const callback = () => calls++;
    const future = executor.tasks.add(1, 1);
    future.addDoneCallback(callback);
    future.addDoneCallback(callback);
    await future;
    expect(calls).toBe(2);
  });

  it('a callback that is added inside another one runs at once', async () => {
    await using executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    const log: string[] = [];
    future.addDoneCallback(() => {
      log.push('outer starts');
      future.addDoneCallback(() => log.push('inner'));
      log.push('outer ends');
    });
    future.addDoneCallback(() => log.push('next'));
    await future;
    expect(log).toEqual(['outer starts', 'inner', 'outer ends', 'next']);
  });

  it('a callback receives one argument for every outcome', async () => {
    await using executor = open('errors.js');
    const { fail, throwValue } = executor.tasks;
    const calls: unknown[][] = [];
    const futures = [executor.submit(() => 1), fail('x'), throwValue('y')] as Future<unknown>[];
    for (const future of futures) future.addDoneCallback((...args) => calls.push(args));
    futures[2]!.cancel();
    await Promise.all(futures.map((future) => future.settled()));
    expect(calls.map((args) => args.length)).toEqual([1, 1, 1]);
    expect(calls.map(([outcome]) => (outcome as Outcome<unknown>).status).sort()).toEqual([
      'cancelled',
      'fulfilled',
      'rejected',
    ]);
  });

  it.each([
    { registrations: 1, expected: { errors: 142, ok: 858, total: 1_000 } },
    { registrations: 2, expected: { errors: 284, ok: 1_716, total: 2_000 } },
  ])(
    'callbacks count exactly in shared state without a lock: $registrations × 1,000',
    async ({ registrations, expected }) => {
      const total = { errors: 0, ok: 0, total: 0 };
      let sum = 0;
      const executor = open('values.js');
      for (let x = 1_000; x > 0; x--) {
        const future = executor.tasks.squareUnlessSeventh(x);
        for (let i = 0; i < registrations; i++) {
          future.addDoneCallback((outcome) => {
            total.total++;
            if (outcome.status === 'fulfilled') {
              total.ok++;
              sum += outcome.value;
            } else total.errors++;
          });
        }
        future.catch(() => {});
      }
      await executor.shutdown();
      expect(total).toEqual(expected);
      expect(sum).toBe((573_142_570 / 2) * registrations);
    },
  );

  it('shutdown resolves after every done callback has run', async () => {
    const executor = new Executor({ maxWorkers: 2 });
    let called = 0;
    for (let i = 0; i < 200; i++) executor.submit((n: number) => n, i).addDoneCallback(() => called++);
    await executor.shutdown();
    expect(called).toBe(200);
  });
});
