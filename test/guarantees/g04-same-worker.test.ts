/** G4 Same worker. */
import { chain, pipeline, SerializationError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('G4 Same worker', () => {
  it('each of 10,000 chained steps runs on the thread of its head', async () => {
    await using executor = open('gates.js', { maxWorkers: 3, minWorkers: 3 });
    await executor.ready();
    const { whichThread } = executor.tasks;
    const pairs = Array.from({ length: 10_000 }, () => {
      const head = whichThread();
      return [head, head.pipe(chain(whichThread))] as const;
    });
    let same = 0;
    const threads = new Set<number>();
    for (const [head, next] of pairs) {
      if ((await head) === (await next) && head.threadId === next.threadId) same++;
      threads.add(await head);
    }
    expect(same).toBe(10_000);
    expect(threads.size).toBeGreaterThan(1);
  });

  it('the steps of one pipe(chain(task), chain(task)) call run on one worker, even if their head settled long ago', async () => {
    await using executor = open('values.js', { maxWorkers: 2 });
    const { makeObject, isSame, echo } = executor.tasks;
    const head = echo('done');
    await head;
    const ends = Array.from({ length: 200 }, () =>
      head.pipe(
        chain(() => 1),
        chain(makeObject),
        chain(isSame),
      ),
    );
    expect(new Set(await Promise.all(ends))).toEqual(new Set([true]));
  });

  it('a step receives the very object that the step before it returned', async () => {
    await using executor = open('values.js');
    const { makeObject, isSame } = executor.tasks;
    const ends = Array.from({ length: 500 }, () => makeObject().pipe(chain(isSame)));
    expect(new Set(await Promise.all(ends))).toEqual(new Set([true]));
  });

  it("a pipeline passes values that can't be sent between threads", async () => {
    await using executor = open('values.js');
    const { box, unbox } = executor.tasks;
    const boxed = pipeline(box, unbox as never) as unknown as (n: number) => Promise<{ from: number; to: number }>;
    for (const { from, to } of await Promise.all(Array.from({ length: 200 }, (_, i) => boxed(i))))
      expect(to).toBe(from);
  });

  it("a head whose value can't be sent rejects, and its chain continues", async () => {
    await using executor = open('values.js');
    const { box, unbox } = executor.tasks;
    const head = box(3);
    const end = head.pipe(chain(unbox as never));
    expect(await end).toMatchObject({ number: 3 });
    await expect(head).rejects.toBeInstanceOf(SerializationError);
  });

  it('the steps of a chain run back to back, with no other task of the worker between them', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { note, hold } = executor.tasks;
    const steps = (first: number) => {
      const second = executor.submit(
        (cells: Int32Array, mark: number) => {
          cells[4 + Atomics.add(cells, 3, 1)] = mark;
          return { cells, mark };
        },
        gate.cells,
        first,
      );
      return second.pipe(chain(executor.tasks.noteNext), chain(executor.tasks.noteNext));
    };
    const holding = hold(gate.cells);
    const ends = [steps(10), note(gate.cells, 1), steps(20), note(gate.cells, 2), steps(30)];
    await gate.arrivals();
    gate.open();
    await Promise.all([holding, ...ends]);
    expect(gate.notes).toEqual([10, 11, 12, 1, 20, 21, 22, 2, 30, 31, 32]);
  });

  it('a chain that is added in the tick of the submit runs on the same worker', async () => {
    await using executor = open('values.js');
    const { makeObject, isSame } = executor.tasks;
    const head = makeObject();
    const inTheSameTick = head.pipe(chain(isSame));
    expect(await inTheSameTick).toBe(true);
    expect(await head.pipe(chain(isSame))).toBe(false);
  });

  it('all branches of one head run on the worker of the head', async () => {
    await using executor = open('values.js');
    const { makeObject, isSame } = executor.tasks;
    const head = makeObject();
    const branches = Array.from({ length: 5 }, () => head.pipe(chain(isSame)));
    expect(await Promise.all(branches)).toEqual([true, true, true, true, true]);
  });

  it('a function between two tasks of one pipe() call starts a new group, which receives a copy of the value', async () => {
    await using executor = open('values.js');
    const { makeObject, isSame } = executor.tasks;
    const ends = Array.from({ length: 200 }, () =>
      makeObject().pipe(
        chain((object) => object),
        chain(isSame),
      ),
    );
    expect(new Set(await Promise.all(ends))).toEqual(new Set([false]));
  });

  it('the task behind a function runs on another worker if the worker of the task before it is busy', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    await executor.ready();
    using first = new Gate();
    using second = new Gate();
    const { hold, whichThread } = executor.tasks;
    const holding = [hold(first.cells)];
    await first.arrivals();
    const head = whichThread();
    const end = head.pipe(
      chain(async (thread) => {
        // 1. The other worker is blocked, so this task blocks the worker of the head.
        holding.push(hold(second.cells));
        await second.arrivals();
        // 2. The other worker becomes free, and is the only free one.
        first.open();
        return thread;
      }),
      chain(whichThread),
    );
    expect(await end).not.toBe(await head);
    second.open();
    await Promise.all(holding);
  });

  it('a chain that is longer than any job tree resolves with the right value', async () => {
    await using executor = open('gates.js');
    const { add } = executor.tasks;
    let future = add(0, 0);
    for (let i = 0; i < 1_000; i++) future = future.pipe(chain(executor.tasks.increment));
    expect(await future).toBe(1_000);
  });
});
