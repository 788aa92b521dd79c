/** `statsLine` on a terminal and elsewhere. Time is virtual. */
import { PassThrough } from 'node:stream';
import type { ExecutorStats } from 'rx-futures';
import { type StatsLineOptions, statsLine } from 'rx-futures/terminal';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeTerminal } from '../support/fake-terminal.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

/** An executor whose statistics the test changes. */
function source() {
  const stats = {
    ...{ pending: 0, queued: 0, running: 0, submitted: 0, fulfilled: 0, rejected: 0, cancelled: 0 },
    ...{ isPaused: false, workers: { starting: 0, idle: 0, busy: 0, leaving: 0 } },
  };
  return { state: 'open', data: stats, stats: () => stats as unknown as ExecutorStats };
}

function openLines(options: StatsLineOptions = {}) {
  const stream = new PassThrough();
  const executor = source();
  const line = statsLine(executor, { stream, ...options });
  const lines = () =>
    String(stream.read() ?? '')
      .split('\n')
      .slice(0, -1);
  return { executor, line, lines };
}

describe('statsLine on a terminal', () => {
  it('the line changes in place, and leaves the last statistics', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const executor = source();
    const line = statsLine(executor, { stream: terminal, label: 'crawler' });
    expect(terminal.screen).toEqual(['crawler  0 running  0 queued  0 done  0/0 workers busy', '']);
    Object.assign(executor.data, { running: 2, queued: 40, fulfilled: 9, rejected: 1, cancelled: 3, isPaused: true });
    Object.assign(executor.data.workers, { starting: 1, idle: 1, busy: 2 });
    vi.advanceTimersByTime(2_000);
    expect(terminal.screen).toEqual([
      'crawler  2 running  40 queued  13 done  ✗ 1  3 cancelled  paused  2/4 workers b',
      '',
    ]);
    terminal.columns = 120;
    vi.advanceTimersByTime(100);
    expect(terminal.screen[0]).toMatch(/ {2}2\/4 workers busy {2}6\.\d+\/s$/);
    line.stop();
    expect(terminal.screen).toEqual(['crawler  2 running  40 queued  13 done  ✗ 1  3 cancelled  paused  in 2.1 s', '']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the rate is that of the last five seconds', () => {
    const terminal = new FakeTerminal({ columns: 120 });
    const executor = source();
    using _line = statsLine(executor, { stream: terminal });
    const run = (seconds: number, perSecond: number) => {
      for (let tick = 0; tick < seconds * 10; tick++) {
        executor.data.fulfilled += perSecond / 10;
        vi.advanceTimersByTime(100);
      }
    };
    run(20, 50);
    expect(terminal.screen[0]).toMatch(/ 50\/s$/);
    run(6, 10);
    expect(terminal.screen[0]).toMatch(/ 10\/s$/);
    run(6, 0);
    expect(terminal.screen[0]).toMatch(/busy$/);
  });

  it('the line ends when the executor has closed, and with `clear` it disappears', () => {
    const terminal = new FakeTerminal();
    const executor = source();
    const line = statsLine(executor, { stream: terminal, clear: true });
    executor.state = 'closed';
    vi.advanceTimersByTime(100);
    expect(terminal.screen).toEqual(['']);
    expect(vi.getTimerCount()).toBe(0);
    line.stop();
    expect(terminal.screen).toEqual(['']);
  });
});

describe('statsLine without a terminal', () => {
  it('a line is written at each interval if something has changed, and one at the end', () => {
    const { executor, line, lines } = openLines({ label: 'crawler', interval: 1_000 });
    vi.advanceTimersByTime(3_000);
    expect(lines()).toEqual([]);
    Object.assign(executor.data, { submitted: 3, pending: 2, running: 1, queued: 1, fulfilled: 1 });
    vi.advanceTimersByTime(1_000);
    expect(lines()).toEqual(['crawler  1 running  1 queued  1 done  0/0 workers busy  15/min']);
    vi.advanceTimersByTime(5_000);
    expect(lines()).toEqual([]);
    line.stop();
    line.stop();
    expect(lines()).toEqual(['crawler  1 running  1 queued  1 done  in 9 s']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('only the last line is written with an interval of Infinity', () => {
    const { executor, line, lines } = openLines({ interval: Number.POSITIVE_INFINITY });
    executor.data.submitted = 5;
    vi.advanceTimersByTime(60_000);
    expect(lines()).toEqual([]);
    line[Symbol.dispose]();
    expect(lines()).toHaveLength(1);
  });
});

it('wrong arguments throw at the call', () => {
  expect(() => statsLine({} as never)).toThrow(
    new TypeError(
      'statsLine(executor): expected an Executor, got an object. Pass the executor whose statistics are to be shown.',
    ),
  );
  expect(() => statsLine(source(), { interval: 0 })).toThrow('statsLine(): option "interval"');
  expect(() => statsLine(source(), { total: 1 } as never)).toThrow('statsLine(): unknown option "total"');
});
