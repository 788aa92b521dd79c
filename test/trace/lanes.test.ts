import { describe, expect, it } from 'vitest';
import { place } from '../../src/trace/lanes.js';

const span = (start: number, end: number, worker = 'crew-1') => ({ worker, start, end });
const rows = (...spans: ReturnType<typeof span>[]) => place(spans).map(({ row }) => row);

describe('place', () => {
  it('slices that follow each other share a row', () => {
    expect(rows(span(0, 10), span(10, 20), span(25, 30))).toEqual([0, 0, 0]);
  });

  it('a slice that overlaps another one is on another row of the same worker', () => {
    expect(rows(span(0, 30), span(10, 20), span(15, 40), span(21, 22))).toEqual([0, 1, 2, 1]);
  });

  it('each worker has rows of its own', () => {
    expect(rows(span(0, 30), span(0, 30, 'crew-2'))).toEqual([0, 0]);
  });

  it('the order of the slices in the list does not count', () => {
    expect(rows(span(10, 20), span(0, 10))).toEqual([0, 0]);
  });

  it('an overlap of a microsecond is due to rounding, and the later slice starts later', () => {
    expect(place([span(0, 10.5), span(10, 20)])).toEqual([
      { row: 0, start: 0, end: 10.5 },
      { row: 0, start: 10.5, end: 20 },
    ]);
  });

  it('no slice is shorter than a nanosecond', () => {
    expect(place([span(5, 5)])).toEqual([{ row: 0, start: 5, end: 5.001 }]);
  });
});
