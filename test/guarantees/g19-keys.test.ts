/**
 * G19 Keys: tasks with the same key run one at a time, in submission order, on one worker for as
 * long as that worker lives. They do not delay tasks with other keys.
 *
 * test/backends/conformance/keys.ts tests the same on each backend.
 */
import { chain, Deferred, type Executor, type Future, pipeline, QueueFullError, TimeoutError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { collectAfter } from '../support/garbage.js';
import { Gate } from '../support/gate.js';
import { type Fixtures, open, warmUp } from '../support/open.js';
import { until } from '../support/until.js';

type Keyed = Executor<Fixtures['keys.js']>;

/** The worker of each key, for `count` tasks of each. */
function workersOf(executor: Keyed, keys: readonly (string | number)[], count: number): Promise<Set<string>[]> {
  const workers = keys.map(async (key) => {
    const { findWorker } = executor.with({ key }).tasks;
    return new Set(await Promise.all(Array.from({ length: count }, () => findWorker())));
  });
  return Promise.all(workers);
}

describe('G19 Keys: the order', () => {
  it('tasks of one key run in submission order while the worker receives many tasks ahead', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, concurrency: 8 });
    await warmUp(executor);
    using gate = new Gate();
    const futures = Array.from({ length: 1_000 }, (_, i) => executor.with({ key: i % 5 }).tasks.stay(gate.cells, i));
    await Promise.all(futures);
    for (let key = 0; key < 5; key++) {
      const own = gate.notes.filter((mark) => (mark < 0 ? -1 - mark : mark) % 5 === key);
      const numbers = Array.from({ length: 200 }, (_, i) => 5 * i + key);
      expect(own).toEqual(numbers.flatMap((n) => [n, -1 - n]));
    }
  });

  it('tasks with and without a key start in submission order on one worker', async () => {
    await using executor = open('keys.js', { maxWorkers: 1 });
    await warmUp(executor);
    using gate = new Gate();
    const keys = [undefined, 'ann', 'bob', undefined, 'ann', 'ann', undefined, 'bob'];
    const futures = keys.map((key, i) =>
      (key === undefined ? executor : executor.with({ key })).tasks.note(gate.cells, i),
    );
    await Promise.all(futures);
    expect(gate.notes).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('an urgent task of a key runs before the waiting tasks of other keys', async () => {
    await using executor = open('keys.js', { maxWorkers: 1 });
    await warmUp(executor);
    using gate = new Gate();
    const first = executor.tasks.linger(gate.cells);
    const waiting = [0, 1, 2].map((n) => executor.with({ key: n }).tasks.note(gate.cells, n));
    await gate.arrivals();
    waiting.push(executor.with({ key: 3, priority: 1 }).tasks.note(gate.cells, 3));
    await new Promise((resolve) => setImmediate(resolve));
    gate.open();
    await Promise.all([first, ...waiting]);
    expect(gate.notes).toEqual([3, 0, 1, 2]);
  });

  it('tasks with the key 1 and with the key "1" run at the same time', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, concurrency: 2 });
    using gate = new Gate();
    const futures = [1, '1'].map((key) => executor.with({ key }).tasks.linger(gate.cells));
    await gate.arrivals(2);
    gate.open();
    await Promise.all(futures);
  });

  it('a task that waits for a Future runs after the earlier tasks of its key, and before the later ones', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, concurrency: 4 });
    using gate = new Gate();
    const { note, linger } = executor.with({ key: 'ann' }).tasks;
    const mark = new Deferred<number>();
    const futures: Future<unknown>[] = [linger(gate.cells), note(gate.cells, mark.future), note(gate.cells, 3)];
    await gate.arrivals();
    mark.resolve(2);
    gate.open();
    await Promise.all(futures);
    expect(gate.notes).toEqual([2, 3]);
  });

  it('a task whose argument rejects lets the later tasks of its key run', async () => {
    await using executor = open('keys.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { note } = executor.with({ key: 'ann' }).tasks;
    const mark = new Deferred<number>();
    const failing = note(gate.cells, mark.future);
    const later = note(gate.cells, 3);
    mark.reject(new Error('no mark'));
    await expect(failing).rejects.toThrow('no mark');
    await later;
    expect(gate.notes).toEqual([3]);
  });

  it('a task that may be retried lets no later task of its key start before it has settled', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, concurrency: 4 });
    await warmUp(executor);
    using gate = new Gate();
    const { noteAndFailUntil, note } = executor.with({ key: 'ann' }).tasks;
    const failing = noteAndFailUntil.with({ retry: 2 })(gate.cells, 9);
    const later = note(gate.cells, 100);
    await expect(failing).rejects.toThrow('attempt 3 failed');
    await later;
    expect(gate.notes).toEqual([1, 2, 3, 100]);
  });

  it('the next task of a key waits until a run that timed out has ended', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, concurrency: 4, terminateAfter: Number.POSITIVE_INFINITY });
    using gate = new Gate();
    const { linger, note } = executor.with({ key: 'ann' }).tasks;
    const first = linger.with({ timeout: 20 })(gate.cells);
    const later = note(gate.cells, 1);
    await gate.arrivals();
    await expect(first).rejects.toBeInstanceOf(TimeoutError);
    await executor.tasks.findWorker();
    expect(gate.notes).toEqual([]);
    gate.open();
    await later;
  });
});

describe('G19 Keys: the worker', () => {
  it('all tasks of a key run on one worker, and many keys use several workers', async () => {
    await using executor = open('keys.js', { maxWorkers: 3, minWorkers: 3 });
    await executor.ready();
    const workers = await workersOf(
      executor,
      Array.from({ length: 60 }, (_, i) => i),
      20,
    );
    expect(workers.map(({ size }) => size)).toEqual(workers.map(() => 1));
    expect(new Set(workers.flatMap((set) => [...set])).size).toBeGreaterThan(1);
  });

  it('a key with unsettled tasks stays on its worker while another worker is idle', async () => {
    await using executor = open('keys.js', { maxWorkers: 2, minWorkers: 2 });
    await executor.ready();
    using gate = new Gate();
    const { linger, findWorker } = executor.with({ key: 'ann' }).tasks;
    const first = linger(gate.cells);
    await gate.arrivals();
    const waiting = Array.from({ length: 20 }, () => findWorker());
    // The worker of "ann" is busy, so this task runs on the other one.
    const other = await executor.tasks.findWorker();
    expect(executor.stats().workers).toMatchObject({ busy: 1, idle: 1 });
    expect(new Set(waiting.map(({ state }) => state))).toEqual(new Set(['pending']));
    gate.open();
    const workers = new Set(await Promise.all([...waiting, findWorker()]));
    expect(workers.size).toBe(1);
    expect(workers).not.toContain(other);
    await first;
  });

  it('a new worker receives keys whose tasks wait', async () => {
    await using executor = open('keys.js', { maxWorkers: 2 });
    await warmUp(executor);
    using gate = new Gate();
    // Both tasks block their threads, so the second key runs on a worker that is started for it.
    const futures = ['ann', 'bob'].map((key) => executor.with({ key }).tasks.hold(gate.cells));
    await gate.arrivals(2);
    gate.open();
    await Promise.all(futures);
  });

  it('keys whose tasks wait behind a long task of another key move to another worker', async () => {
    await using executor = open('keys.js', { maxWorkers: 2, minWorkers: 2 });
    await executor.ready();
    await warmUp(executor);
    using gate = new Gate();
    const long = executor.with({ key: 'long' }).tasks.hold(gate.cells);
    const others = await workersOf(executor, ['a', 'b', 'c', 'd', 'e', 'f'], 3);
    expect(new Set(others.flatMap((set) => [...set])).size).toBe(1);
    gate.open();
    await long;
  });

  it('a key moves to another worker when its worker is replaced, and its tasks still run one at a time', async () => {
    await using executor = open('keys.js', { maxWorkers: 2, maxTasksPerWorker: 3 });
    using gate = new Gate();
    const { stay } = executor.with({ key: 'ann' }).tasks;
    await Promise.all(Array.from({ length: 20 }, (_, i) => stay(gate.cells, i)));
    expect(gate.notes).toEqual(Array.from({ length: 20 }, (_, i) => [i, -1 - i]).flat());
  });

  it('a key whose task does not stop is blocked until its worker was terminated, and other keys are not', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, terminateAfter: 300 });
    await executor.ready();
    using gate = new Gate();
    const ann = executor.with({ key: 'ann' }).tasks;
    const stuck = ann.linger(gate.cells);
    const bob = executor.with({ key: 'bob' }).tasks.note(gate.cells, 1);
    const next = ann.note(gate.cells, 2);
    await gate.arrivals();
    stuck.cancel();
    await Promise.all([bob, next]);
    expect(gate.notes).toEqual([1, 2]);
    expect(gate.arrived).toBe(1);
  });
});

describe('G19 Keys: with the other features', () => {
  it('all tasks of a pipeline with a key run before the next task of that key', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, concurrency: 4 });
    using gate = new Gate();
    const { startNotes, noteNext, note } = executor.tasks;
    const notes = pipeline(startNotes, noteNext.with({ retry: 1 }), noteNext);
    const future = notes.with({ key: 'ann' })(gate.cells, 0);
    const later = note.with({ key: 'ann' })(gate.cells, 9);
    await Promise.all([future, later]);
    expect(gate.notes).toEqual([0, 1, 2, 9]);
  });

  it('a chained step with another key runs in the order of that key', async () => {
    await using executor = open('keys.js', { maxWorkers: 2 });
    using gate = new Gate();
    const { startNotes, noteNext, note } = executor.tasks;
    const blocking = executor.with({ key: 'bob' }).tasks.linger(gate.cells);
    const step = startNotes
      .with({ key: 'ann' })(gate.cells, 0)
      .pipe(chain(noteNext.with({ key: 'bob' })));
    const later = note.with({ key: 'bob' })(gate.cells, 9);
    await gate.arrivals();
    await until(() => gate.notes.length === 1);
    expect(gate.notes).toEqual([0]);
    gate.open();
    await Promise.all([blocking, step, later]);
    expect(gate.notes).toEqual([0, 1, 9]);
  });

  it('tasks of one key that are submitted one after another, each after the last has settled, run in that order', async () => {
    await using executor = open('keys.js', { maxWorkers: 2 });
    using gate = new Gate();
    const { note } = executor.with({ key: 'ann' }).tasks;
    for (let n = 0; n < 20; n++) await note(gate.cells, n);
    expect(gate.notes).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('a task that would wait for its key rejects with QueueFullError beyond maxQueue, although a worker is idle', async () => {
    await using executor = open('keys.js', { maxWorkers: 2, maxQueue: 0 });
    await executor.ready();
    using gate = new Gate();
    const { linger, note } = executor.with({ key: 'ann' }).tasks;
    const first = linger(gate.cells);
    await gate.arrivals();
    await expect(note(gate.cells, 1)).rejects.toBeInstanceOf(QueueFullError);
    await executor.with({ key: 'bob' }).tasks.note(gate.cells, 2);
    gate.open();
    await first;
    expect(gate.notes).toEqual([2]);
  });

  it('shutdown() waits for the tasks of a key, and cancelPending cancels those that wait', async () => {
    await using executor = open('keys.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { linger, note } = executor.with({ key: 'ann' }).tasks;
    const first = linger(gate.cells, 7);
    const waiting = note(gate.cells, 1);
    await gate.arrivals();
    const closing = executor.shutdown({ cancelPending: true });
    gate.open();
    await closing;
    expect(await first).toBe(7);
    expect(waiting.state).toBe('cancelled');
    expect(gate.notes).toEqual([]);
  });

  it('a rate limit applies to tasks of keys', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, rateLimit: { count: 3, interval: 100 } });
    using gate = new Gate();
    const started = performance.now();
    const futures = [0, 1, 2, 3].map((n) => executor.with({ key: 'ann' }).tasks.note(gate.cells, n));
    await Promise.all(futures);
    expect(performance.now() - started).toBeGreaterThan(99);
    expect(gate.notes).toEqual([0, 1, 2, 3]);
  });

  it('broadcast() throws for a task with a key, and with() throws for a key of a wrong type', () => {
    const executor = open('keys.js');
    const { ownKey } = executor.tasks;
    expect(() => executor.broadcast(ownKey.with({ key: 'ann' }))).toThrow(
      'broadcast(): task "ownKey" has a key, but tasks of a key run one at a time on one worker.',
    );
    expect(() => ownKey.with({ key: {} as never })).toThrow(
      new TypeError(
        'with(options): option "key": expected a string or a finite number, got an object. Correct the value, or omit the option.',
      ),
    );
    expect(() => ownKey.with({ key: Number.NaN })).toThrow(RangeError);
  });

  it('an input of map() rejects alone if its key is not a string or a number', async () => {
    await using executor = open('keys.js', { maxWorkers: 1 });
    using gate = new Gate();
    const inputs = [0, 1, 2].map((n) => ({ cells: gate.cells, n }));
    const key = ({ n }: { n: number }) => (n === 1 ? (undefined as never) : n);
    const outcomes: string[] = [];
    for await (const { status } of executor.map(executor.tasks.stayAt, inputs, { key, settle: true })) {
      outcomes.push(status);
    }
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

async function usedHeap(): Promise<number> {
  await collectAfter(() => {});
  return process.memoryUsage().heapUsed;
}

describe('G19 Keys: memory', () => {
  it('a million different keys cost no memory after their tasks have settled', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    await warmUp(executor);
    const { add } = executor.tasks;
    const run = async (from: number, to: number) => {
      const inputs = (function* () {
        for (let n = from; n < to; n++) yield n;
      })();
      for await (const _ of executor.map(executor.tasks.double, inputs, { key: (n) => `user-${n}` }));
    };
    await run(0, 100_000);
    const before = await usedHeap();
    await run(100_000, 1_000_000);
    const grown = (await usedHeap()) - before;
    expect(await add(1, 1)).toBe(2);
    expect(grown / 900_000).toBeLessThan(4);
  }, 120_000);
});
