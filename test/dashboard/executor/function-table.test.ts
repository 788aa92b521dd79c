import { describe, expect, it } from 'vitest';
import { FunctionTable } from '../../../src/dashboard/executor/function-table.js';

/** Counts a run of 2 ms that waited for 1 ms. */
function run(table: FunctionTable): void {
  const row = table.of('noop');
  if (row.chooseForTimes()) row.addTimes(1, 2);
}

describe('the table of functions', () => {
  it('each function has its own counts and times', () => {
    const table = new FunctionTable();
    for (const name of ['parse', 'save', 'parse']) table.of(name).known++;
    table.of('parse').fulfilled++;
    table.of('parse').run.add(4);
    expect(table.rows()).toMatchObject([
      { name: 'parse', known: 2, fulfilled: 1, run: { count: 1, p50: 4 }, wait: { count: 0, p50: 0 } },
      { name: 'save', known: 1, fulfilled: 0 },
    ]);
  });

  it('a function has settled no more tasks than it has', () => {
    const table = new FunctionTable();
    table.of('parse').fulfilled = 3;
    table.of('parse').rejected = 1;
    expect(table.rows()).toMatchObject([{ known: 4 }]);
  });

  it('functions beyond the first 200 share a row', () => {
    const table = new FunctionTable();
    for (let i = 0; i < 1_000; i++) table.of(`task-${i}`).known++;
    expect(table.rows()).toHaveLength(201);
    expect(table.rows().at(-1)).toMatchObject({ name: '(other functions)', known: 800 });
  });

  it('the times of many runs in a frame are a sample, and those of few runs are all recorded', () => {
    const table = new FunctionTable();
    for (let i = 0; i < 100_000; i++) run(table);
    const count = () => table.rows()[0]!.run.count;
    const sampled = count();
    expect(sampled).toBeGreaterThan(300);
    expect(sampled).toBeLessThan(1_500);
    for (let frame = 0; frame < 2; frame++) table.startFrame();
    for (let i = 0; i < 50; i++) run(table);
    expect(count()).toBe(sampled + 50);
  });

  it('the usual time of a function is known after ten runs', () => {
    const table = new FunctionTable();
    for (let i = 0; i < 9; i++) table.of('parse').run.add(2);
    expect(table.usualTime('parse')).toBeUndefined();
    table.of('parse').run.add(2);
    expect(table.usualTime('parse')).toBeCloseTo(2, 0);
    expect(table.usualTime('other')).toBeUndefined();
  });
});
