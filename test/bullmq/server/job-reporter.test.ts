/** Log lines, progress and results that a server writes for dashboards. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenReport, shown } from '../../../src/bullmq/server/job-reporter.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';

describe('OpenReport', () => {
  beforeEach(() => {
    useVirtualTime();
  });
  afterEach(() => {
    useRealTime();
  });

  function open(options = { logs: true, progress: true, results: true }) {
    const written: { progress: string; lines: string[] }[] = [];
    const report = new OpenReport(options, (progress, lines) => {
      // Each line starts with the time.
      written.push({ progress, lines: lines.map((line) => line.slice(line.indexOf(' ') + 1)) });
    });
    return { report, written };
  }

  it('the first line is written at once, and further ones every 500 ms', () => {
    const { report, written } = open();
    report.log!('one');
    report.log!('two');
    report.progress!(1);
    report.progress!(2);
    expect(written).toEqual([{ progress: '', lines: ['one'] }]);
    vi.advanceTimersByTime(499);
    expect(written).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(written[1]).toEqual({ progress: '2', lines: ['two'] });
    vi.advanceTimersByTime(5_000);
    report.log!('three');
    expect(written).toHaveLength(3);
  });

  it('close() writes what is left, and nothing follows', () => {
    const { report, written } = open();
    report.log!('one');
    report.log!('two');
    report.close();
    report.close();
    vi.advanceTimersByTime(5_000);
    expect(written.flatMap(({ lines }) => lines)).toEqual(['one', 'two']);
  });

  it('only the last 100 lines are kept', () => {
    const { report, written } = open();
    for (let i = 0; i < 500; i++) report.log!(String(i));
    report.close();
    expect([written[1]!.lines.length, written[1]!.lines[0]]).toEqual([100, '400']);
  });

  it('the result of a job is the result of its only last task, and otherwise an array', () => {
    const { report } = open();
    report.results!([{ sum: 3 }]);
    expect(report.result).toEqual({ sum: 3 });
    report.results!([1, undefined]);
    expect(report.result).toEqual([1, null]);
    report.results!([undefined]);
    expect(report.result).toBe(null);
  });

  it('a part that is off has no method', () => {
    const { report } = open({ logs: false, progress: false, results: false });
    expect([report.log, report.progress, report.results]).toEqual([undefined, undefined, undefined]);
  });
});

describe('shown', () => {
  it.each<[unknown, unknown]>([
    [{ a: [1, null] }, { a: [1, null] }],
    ['x'.repeat(2_000), 'a string of 2000 characters (2002 characters of JSON)'],
    ['x'.repeat(100_000), 'a string of 100000 characters'],
    [Array(800).fill(1), 'an array of 800 items (1601 characters of JSON)'],
    [{ text: 'x'.repeat(2_000) }, 'an Object (2011 characters of JSON)'],
    [new Map([[1, 2]]), 'a Map of 1 items'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [5n, '5'],
    [Number.NaN, 'NaN'],
  ])('%s is shown as %s', (value, expected) => {
    expect(shown(value)).toEqual(expected);
  });
});
