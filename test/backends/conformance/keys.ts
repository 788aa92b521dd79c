/** Tasks with keys: their order, their worker, and what they don't delay. */
import { chain, Deferred, WorkerDiedError } from 'rx-futures';
import { expect } from 'vitest';
import { until } from '../../support/until.js';
import type { Suite } from '../describe-backend.js';

export function keys({ it, open, makeGate }: Suite): void {
  it('tasks of one key run one at a time, in submission order, although workers interleave tasks', async () => {
    await using executor = open('keys.js', { concurrency: 4 });
    using gate = makeGate();
    const { stay } = executor.with({ key: 'ann' }).tasks;
    await Promise.all(Array.from({ length: 50 }, (_, i) => stay(gate.cells, i)));
    // Each task notes its number at its start, and -1 - number when it ends.
    expect(gate.notes).toEqual(Array.from({ length: 50 }, (_, i) => [i, -1 - i]).flat());
  });

  it('tasks of one key run on one worker, and tasks of many keys use all workers', async () => {
    await using executor = open('keys.js');
    await executor.ready();
    const workers = new Map<number, Set<string>>();
    const futures = Array.from({ length: 400 }, async (_, i) => {
      const key = i % 20;
      const worker = await executor.with({ key }).tasks.findWorker();
      workers.set(key, (workers.get(key) ?? new Set()).add(worker));
    });
    await Promise.all(futures);
    expect([...workers.values()].every((set) => set.size === 1)).toBe(true);
    expect(workers.size).toBe(20);
  });

  it('a task that waits for its key does not delay tasks of other keys', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, concurrency: 2 });
    using gate = makeGate();
    const ann = executor.with({ key: 'ann' });
    const first = ann.tasks.linger(gate.cells);
    const others = Array.from({ length: 10 }, (_, i) => ann.tasks.note(gate.cells, i));
    await gate.arrivals();
    expect(await executor.with({ key: 'bob' }).tasks.findWorker()).toBe(await executor.tasks.findWorker());
    expect(gate.notes).toEqual([]);
    gate.open();
    await Promise.all([first, ...others]);
    expect(gate.notes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('a task keeps its place in its key while it waits for an argument that is a Future', async () => {
    await using executor = open('keys.js');
    using gate = makeGate();
    const { note } = executor.with({ key: 'ann' }).tasks;
    const mark = new Deferred<number>();
    const futures = [note(gate.cells, mark.future), note(gate.cells, 2)];
    await executor.with({ key: 'bob' }).tasks.findWorker();
    expect(gate.notes).toEqual([]);
    mark.resolve(1);
    await Promise.all(futures);
    expect(gate.notes).toEqual([1, 2]);
  });

  it('a task keeps its place in its key between retries', async () => {
    await using executor = open('keys.js');
    using gate = makeGate();
    const { noteAndFailUntil, note } = executor.with({ key: 'ann' }).tasks;
    const failing = noteAndFailUntil.with({ retry: { count: 5, delay: 2 } })(gate.cells, 3);
    await Promise.all([failing, note(gate.cells, 9)]);
    expect(gate.notes).toEqual([1, 2, 3, 9]);
  });

  it('submission order wins over priority inside a key', async () => {
    await using executor = open('keys.js');
    using gate = makeGate();
    const { note } = executor.with({ key: 'ann' }).tasks;
    await Promise.all([0, 5, 1].map((priority) => note.with({ priority })(gate.cells, priority)));
    expect(gate.notes).toEqual([0, 5, 1]);
  });

  it('a cancelled task that still runs blocks its key until it has ended', async () => {
    await using executor = open('keys.js', { maxWorkers: 1, concurrency: 2, terminateAfter: Number.POSITIVE_INFINITY });
    using gate = makeGate();
    const { linger, note } = executor.with({ key: 'ann' }).tasks;
    const lingering = linger(gate.cells);
    const next = note(gate.cells, 1);
    await gate.arrivals();
    lingering.cancel();
    await executor.tasks.findWorker();
    expect(gate.notes).toEqual([]);
    gate.open();
    await next;
    expect(gate.notes).toEqual([1]);
  });

  it('a cancelled task of a key that waits never runs, and the later ones run', async () => {
    await using executor = open('keys.js');
    using gate = makeGate();
    const { linger, note } = executor.with({ key: 'ann' }).tasks;
    const futures = [linger(gate.cells), note(gate.cells, 1), note(gate.cells, 2)];
    await gate.arrivals();
    expect(futures[1]!.cancel()).toBe(true);
    gate.open();
    await Promise.all([futures[0], futures[2]]);
    expect(gate.notes).toEqual([2]);
  });

  it('the end of a worker rejects the started task of a key, and the others run in order on another worker', async () => {
    await using executor = open('keys.js');
    using gate = makeGate();
    const { holdAndExit, stay, findWorker } = executor.with({ key: 'ann' }).tasks;
    const dying = holdAndExit(gate.cells, 3);
    const later = [1, 2, 3].map((n) => stay(gate.cells, n));
    const last = findWorker();
    await gate.arrivals();
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    await Promise.all([...later, last]);
    expect(gate.notes).toEqual([1, -2, 2, -3, 3, -4]);
  });

  it('a task reads its key, which is undefined for a task without one', async () => {
    await using executor = open('keys.js');
    expect(await executor.with({ key: 'ann' }).tasks.ownKey()).toBe('ann');
    expect(await executor.with({ key: 7 }).tasks.ownKey()).toBe(7);
    expect(await executor.tasks.ownKey()).toBeUndefined();
  });

  it('map runs the inputs of one key in their order, with the option key', async () => {
    await using executor = open('keys.js', { concurrency: 4 });
    using gate = makeGate();
    const inputs = Array.from({ length: 30 }, (_, n) => ({ cells: gate.cells, n }));
    const results = executor.map('stayAt', inputs, { key: ({ n }) => n % 3, ordered: false });
    for await (const _ of results);
    for (const key of [0, 1, 2]) {
      const own = gate.notes.filter((mark) => (mark < 0 ? -1 - mark : mark) % 3 === key);
      expect(own).toEqual(inputs.filter(({ n }) => n % 3 === key).flatMap(({ n }) => [n, -1 - n]));
    }
  });

  it('the steps that are chained onto a task of a key run before the next task of the key', async () => {
    await using executor = open('keys.js');
    using gate = makeGate();
    const ann = executor.with({ key: 'ann' }).tasks;
    const chained = ann.startNotes(gate.cells, 0).pipe(chain(executor.tasks.noteNext), chain(executor.tasks.noteNext));
    const later = ann.note(gate.cells, 9);
    await Promise.all([chained, later]);
    expect(gate.notes).toEqual([0, 1, 2, 9]);
  });

  it('a stream of a key ends before the next task of the key starts', async () => {
    await using executor = open('keys.js', { concurrency: 2 });
    using gate = makeGate();
    const ann = executor.with({ key: 'ann', highWaterMark: 1 });
    const values: number[] = [];
    const reading = (async () => {
      for await (const value of ann.stream('noteEach', gate.cells, 5)) values.push(value);
    })();
    await until(() => gate.notes.length > 0);
    const later = ann.tasks.note(gate.cells, 9);
    await Promise.all([reading, later]);
    expect(values).toEqual([0, 1, 2, 3, 4]);
    expect(gate.notes).toEqual([0, 1, 2, 3, 4, 9]);
  });

  it('a paused executor starts no task of a key, and resume() keeps their order', async () => {
    await using executor = open('keys.js');
    using gate = makeGate();
    const { linger, note } = executor.with({ key: 'ann' }).tasks;
    const first = linger(gate.cells);
    const later = [1, 2, 3].map((n) => note(gate.cells, n));
    await gate.arrivals();
    executor.pause();
    gate.open();
    await first;
    expect(gate.notes).toEqual([]);
    executor.resume();
    await Promise.all(later);
    expect(gate.notes).toEqual([1, 2, 3]);
  });
}
