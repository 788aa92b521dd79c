import { describe, expect, it } from 'vitest';
import { drawnOf, RunSample } from '../../../src/dashboard/executor/run-sample.js';
import { CELLS_PER_RUN, FAILED, type Runs } from '../../../src/dashboard/frames.js';

/** Adds a run if the sample chooses it. */
function run(sample: RunSample, id: number, upstream = 0): void {
  const root = sample.choose(id, upstream);
  if (root === -1) return;
  const times = { startedAt: 1_000 + id, endedAt: 1_001.256 + id, waited: 0.5 };
  sample.add({ id, name: `task-${id % 3}`, worker: 'crew-1', attempt: 1, upstream, status: 0, ...times }, root);
}

/** Returns the runs as objects. */
function read({ cells, tasks, workers }: Runs) {
  return Array.from({ length: cells.length / CELLS_PER_RUN }, (_, i) => {
    const own = cells.slice(i * CELLS_PER_RUN, (i + 1) * CELLS_PER_RUN);
    const [worker, task, start, end, id, upstream, status, attempt, waited] = own as [number, ...number[]];
    return { worker: workers[worker], task: tasks[task!], start, end, id: id!, upstream, status, attempt, waited };
  });
}

describe('the sample of runs', () => {
  it('a few runs are all drawn, with their names, times and chains', () => {
    const sample = new RunSample();
    run(sample, 7);
    run(sample, 8, 7);
    const runs = sample.take(1_000);
    expect(runs.seen).toBe(2);
    expect(read(runs)).toEqual([
      { worker: 'crew-1', task: 'task-1', start: 7, end: 8.26, id: 7, upstream: 0, status: 0, attempt: 1, waited: 0.5 },
      { worker: 'crew-1', task: 'task-2', start: 8, end: 9.26, id: 8, upstream: 7, status: 0, attempt: 1, waited: 0.5 },
    ]);
    expect(sample.take(0)).toMatchObject({ seen: 0, cells: [] });
  });

  it('a bounded number of many runs is drawn, evenly over all of them', () => {
    const sample = new RunSample();
    for (let id = 1; id <= 100_000; id++) run(sample, id);
    const runs = sample.take(0);
    expect(runs.seen).toBe(100_000);
    expect(drawnOf(runs)).toBeGreaterThan(50);
    expect(drawnOf(runs)).toBeLessThanOrEqual(128);
    const ids = read(runs).map(({ id }) => id);
    for (const quarter of [0, 1, 2, 3]) {
      const inQuarter = ids.filter((id) => id > quarter * 25_000 && id <= (quarter + 1) * 25_000);
      expect(inQuarter.length / ids.length).toBeGreaterThan(0.15);
    }
  });

  it('a chain is drawn as a whole or not at all', () => {
    const sample = new RunSample();
    for (let id = 3; id <= 30_000; id += 3) {
      run(sample, id);
      run(sample, id + 1, id);
      run(sample, id + 2, id + 1);
    }
    const lengths = new Map<number, number>();
    for (const { id } of read(sample.take(0))) lengths.set(id - (id % 3), (lengths.get(id - (id % 3)) ?? 0) + 1);
    expect(lengths.size).toBeGreaterThan(30);
    expect(new Set(lengths.values())).toEqual(new Set([3]));
  });

  it('the first run of a chain is known after thousands of other runs were drawn', () => {
    const sample = new RunSample();
    run(sample, 1);
    sample.take(0);
    for (let id = 10; id < 3_010; id++) {
      run(sample, id);
      if (id % 100 === 0) sample.take(0);
    }
    sample.take(0);
    expect(sample.choose(5_000, 1)).toBe(1);
  });

  it('all runs are drawn again in the frame after one with few runs', () => {
    const sample = new RunSample();
    for (let id = 1; id <= 100_000; id++) run(sample, id);
    sample.take(0);
    for (let id = 100_001; id <= 100_050; id++) run(sample, id);
    sample.take(0);
    for (let id = 200_001; id <= 200_050; id++) run(sample, id);
    expect(drawnOf(sample.take(0))).toBe(50);
  });

  it('the end of a run can be marked until it is taken', () => {
    const sample = new RunSample();
    run(sample, 1);
    expect(sample.mark(1, FAILED)).toBe(true);
    expect(sample.mark(2, FAILED)).toBe(false);
    expect(read(sample.take(0))).toMatchObject([{ id: 1, status: FAILED }]);
    expect(sample.mark(1, FAILED)).toBe(false);
  });
});
