/**
 * G11 As completed: emitting overlaps with submitting. Its other guarantees need no worker and are
 * tested in test/combinators.
 */
import { asCompleted, type Future, values } from 'rx-futures';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('G11 As completed', () => {
  it('asCompleted emits while an Observable still submits futures', async () => {
    await using executor = open('gates.js');
    const submitted = new Subject<Future<number>>();
    const seen: number[] = [];
    const done = new Promise<void>((complete) => {
      asCompleted(submitted)
        .pipe(values())
        .subscribe({ next: (value) => seen.push(value), complete });
    });
    for (let i = 0; i < 10; i++) {
      const future = executor.tasks.double(i);
      submitted.next(future);
      await future;
      expect(seen).toHaveLength(i + 1);
    }
    submitted.complete();
    await done;
    expect(seen).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  });

  it('asCompleted emits while an async iterable still submits futures', async () => {
    await using executor = open('gates.js');
    const seen: number[] = [];
    let seenAtLastSubmit = 0;
    const source: AsyncIterable<Future<number>> = {
      [Symbol.asyncIterator]() {
        let i = 0;
        let last: Future<number> | undefined;
        return {
          // An async function would return a promise that waits for the future.
          next() {
            if (i === 20) return Promise.resolve({ done: true, value: undefined });
            const wait: Promise<unknown> = last === undefined ? Promise.resolve() : last.settled();
            return wait.then(() => {
              seenAtLastSubmit = seen.length;
              last = executor.tasks.double(i++);
              return { done: false, value: last };
            });
          },
        };
      },
    };
    for await (const outcome of asCompleted(source)) if (outcome.status === 'fulfilled') seen.push(outcome.value);
    expect(seen).toHaveLength(20);
    expect(seenAtLastSubmit).toBeGreaterThan(0);
  });

  it('asCompleted emits in the order in which tasks end, not in the order of their submits', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 3 });
    const gates = [new Gate(), new Gate(), new Gate()];
    const futures = gates.map((gate, i) => executor.tasks.linger(gate.cells, i));
    await Promise.all(gates.map((gate) => gate.arrivals()));
    const order: number[] = [];
    const next = [2, 0, 1];
    gates[next[0]!]!.open();
    for await (const outcome of asCompleted(futures)) {
      if (outcome.status === 'fulfilled') order.push(outcome.value);
      const opened = next[order.length];
      if (opened !== undefined) gates[opened]!.open();
    }
    expect(order).toEqual([2, 0, 1]);
  });

  it('asCompleted keeps at most `concurrency` futures of a lazy input in flight, including unread ones', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 10 });
    using gate = new Gate();
    let submitted = 0;
    function* submitting() {
      while (submitted < 20) {
        submitted++;
        yield executor.tasks.linger(gate.cells);
      }
    }
    const iterator = asCompleted(submitting(), { concurrency: 3 })[Symbol.asyncIterator]();
    const first = iterator.next();
    await gate.arrivals(3);
    expect(submitted).toBe(3);
    gate.open();
    for (let read = 1; read <= 20; read++) {
      expect((await (read === 1 ? first : iterator.next())).done).toBe(false);
      await executor.tasks.add(1, 1);
      expect(submitted - read).toBeLessThanOrEqual(3);
    }
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('asCompleted emits an outcome for a failed task, a dead worker and a cancelled future', async () => {
    await using executor = open('dying.js');
    const futures = [
      executor.tasks.add(1, 1),
      executor.tasks.exit(3),
      executor.submit('missing' as 'add', 1, 1),
      executor.tasks.add(2, 2),
      executor.tasks.add(3, 3),
    ] as Future<number>[];
    futures[4]!.cancel();
    const statuses: string[] = [];
    for await (const outcome of asCompleted(futures)) statuses.push(outcome.status);
    expect(statuses.sort()).toEqual(['cancelled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  });
});
