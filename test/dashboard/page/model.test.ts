import { describe, expect, it } from 'vitest';
import type { FailureRow, Runs } from '../../../src/dashboard/frames.js';
import { SourceModel } from '../../../src/dashboard/page/model.js';

const runs = (ids: readonly number[]): Runs => ({
  ...{ seen: ids.length, tasks: ['parse'], workers: ['crew-1'], base: 1_000 },
  cells: ids.flatMap((id) => [0, 0, id, id + 1, id, 0, 0, 1, 2]),
});
const point = (at: number, done: number) => ({ at, queued: 0, running: 0, done, failed: 0 });
const failure = (n: number) => ({ n }) as FailureRow;

describe('the model of the page', () => {
  it('a run has its names and absolute times', () => {
    const model = new SourceModel('crew');
    model.addRuns(runs([5]));
    expect(model.runs).toMatchObject([{ id: 5, task: 'parse', worker: 'crew-1', start: 1_005, end: 1_006, waited: 2 }]);
  });

  it('the model is bounded', () => {
    const model = new SourceModel('crew');
    for (let i = 0; i < 30; i++) model.addRuns(runs(Array.from({ length: 1_000 }, (_, j) => i * 1_000 + j)));
    for (let i = 0; i < 700; i++) model.addPoints([point(i, i)]);
    for (let i = 1; i < 200; i++) model.addFailures([failure(i)]);
    expect(model.runs.length).toBeLessThanOrEqual(27_000);
    expect(model.points).toHaveLength(600);
    expect(model.failures).toHaveLength(50);
  });

  it('failures are listed once, the newest first', () => {
    const model = new SourceModel('crew');
    model.addFailures([failure(1), failure(2)]);
    model.addFailures([failure(2), failure(3)]);
    expect(model.failures.map(({ n }) => n)).toEqual([3, 2, 1]);
  });

  it('the rate is that of the last second', () => {
    const model = new SourceModel('crew');
    expect(model.rate('done')).toBe(0);
    for (let i = 0; i <= 10; i++) model.addPoints([point(i * 200, i < 5 ? 0 : (i - 5) * 100)]);
    expect(model.rate('done')).toBe(500);
  });
});
