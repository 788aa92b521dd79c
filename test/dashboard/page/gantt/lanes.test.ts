import { describe, expect, it } from 'vitest';
import { Lanes } from '../../../../src/dashboard/page/gantt/lanes.js';

const running = (id: number, startedAt: number) => ({
  ...{ id, name: 'wait', worker: 'crew-1', startedAt, attempt: 1 },
  trouble: undefined,
});

describe('the rows of a worker', () => {
  it('two runs that follow each other share a row', () => {
    const lanes = new Lanes();
    expect([1, 2, 3].map((id) => lanes.closed('crew-1', id, 1, id * 10, id * 10 + 10))).toEqual([0, 0, 0]);
    expect(lanes.countOf('crew-1')).toBe(1);
  });

  it('two runs that overlap have rows of their own', () => {
    const lanes = new Lanes();
    expect(lanes.closed('crew-1', 1, 1, 0, 10)).toBe(0);
    expect(lanes.closed('crew-1', 2, 1, 5, 12)).toBe(1);
    expect(lanes.closed('crew-1', 3, 1, 11, 20)).toBe(0);
  });

  it('a running task keeps its row until its end', () => {
    const lanes = new Lanes();
    lanes.openTasks([running(1, 0), running(2, 1)]);
    expect(lanes.laneOf('crew-1', 2, 1)).toBe(1);
    expect(lanes.closed('crew-1', 3, 1, 5, 6)).toBe(2);
    expect(lanes.closed('crew-1', 2, 1, 1, 9)).toBe(1);
    lanes.openTasks([running(1, 0)]);
    expect(lanes.closed('crew-1', 4, 1, 10, 11)).toBe(1);
  });

  it('a task whose run is not drawn frees its row', () => {
    const lanes = new Lanes();
    lanes.openTasks([running(1, 0)]);
    lanes.openTasks([]);
    expect(lanes.closed('crew-1', 2, 1, 5, 6)).toBe(0);
  });

  it('a worker has 16 rows at most', () => {
    const lanes = new Lanes();
    lanes.openTasks(Array.from({ length: 100 }, (_, i) => running(i + 1, i)));
    expect(lanes.countOf('crew-1')).toBe(16);
  });
});
