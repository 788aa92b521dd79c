/** `progressBar` on a stream that is not a terminal. Time is virtual. */
import { PassThrough } from 'node:stream';
import { Future, type Outcome } from 'rx-futures';
import { type ProgressBarOptions, progressBar } from 'rx-futures/terminal';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failure } from '../support/ended.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

const ok = Future.resolve('ok').outcome!;
const lost = Future.reject<string>(failure).outcome!;

function open(options: ProgressBarOptions = {}) {
  const stream = new PassThrough();
  const outcomes = new Subject<Outcome<string>>();
  const subscription = outcomes.pipe(progressBar({ stream, ...options })).subscribe({ error: () => {} });
  return {
    outcomes,
    subscription,
    lines: () => {
      // From Node 26 on, each call returns one chunk.
      let text = '';
      for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk;
      return text.split('\n').slice(0, -1);
    },
  };
}

beforeEach(() => {
  useVirtualTime();
});
afterEach(() => {
  useRealTime();
  vi.unstubAllEnvs();
});

describe('progressBar without a terminal', () => {
  it('progressBar writes a line every 5 s, and one at the end', () => {
    const { outcomes, lines } = open({ total: 4, label: 'pages' });
    vi.advanceTimersByTime(2_500);
    outcomes.next(ok);
    expect(lines()).toEqual([]);
    vi.advanceTimersByTime(2_500);
    expect(lines()).toEqual(['pages  25%  1/4  24/min  eta 8 s']);
    outcomes.next(lost);
    vi.advanceTimersByTime(5_000);
    expect(lines()).toEqual(['pages  50%  2/4  ✗ 1  17.5/min  eta 7 s']);
    outcomes.complete();
    expect(lines()).toEqual(['pages  50%  2/4  ✗ 1  in 10 s']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('progressBar writes nothing while there are no outcomes', () => {
    const { subscription, lines } = open();
    vi.advanceTimersByTime(60_000);
    expect(lines()).toEqual([]);
    subscription.unsubscribe();
    expect(lines()).toEqual(['0 done  stopped after 1 min 0 s']);
  });

  it('progressBar writes at the given interval, and with Infinity only at the end', () => {
    const often = open({ interval: 1_000 });
    const once = open({ interval: Number.POSITIVE_INFINITY });
    for (const { outcomes } of [often, once]) outcomes.next(ok);
    vi.advanceTimersByTime(1_000);
    expect(often.lines()).toHaveLength(1);
    vi.advanceTimersByTime(3_600_000);
    expect(once.lines()).toEqual([]);
    for (const { outcomes } of [often, once]) outcomes.error(failure);
    expect([often, once].map(({ lines }) => lines())).toEqual([
      ['1 done  stopped after 1 h 0 min'],
      ['1 done  stopped after 1 h 0 min'],
    ]);
  });

  it('progressBar always writes the last line, because the clear option is for terminals', () => {
    const { outcomes, lines } = open({ clear: true });
    outcomes.complete();
    expect(lines()).toEqual(['0 done  in 0 ms']);
  });

  it('each group has lines of its own', () => {
    const { outcomes, lines } = open({ groupBy: ({ status }) => status, total: { fulfilled: 2 } });
    for (const outcome of [ok, lost, ok]) outcomes.next(outcome);
    vi.advanceTimersByTime(5_000);
    expect(lines().map((line) => line.replace(/ {2}[\d.]+\/min.*/, ''))).toEqual([
      'fulfilled  100%  2/2',
      'rejected  1 done  ✗ 1  5 s',
    ]);
    outcomes.next(lost);
    outcomes.complete();
    expect(lines()).toEqual(['fulfilled  100%  2/2  in 5 s', 'rejected  2 done  ✗ 2  in 5 s']);
  });

  it('progressBar writes plain lines to a dumb terminal', () => {
    vi.stubEnv('TERM', 'dumb');
    const terminal = new FakeTerminal();
    const { outcomes } = open({ stream: terminal, label: 'a' });
    outcomes.complete();
    expect(terminal.screen).toEqual(['a  0 done  in 0 ms', '']);
  });
});

describe('progressBar', () => {
  it.each([
    [{ total: 1.5 }, RangeError, 'progressBar(): option "total": expected an integer, 0 or more, got 1.5'],
    [
      { interval: 0 },
      RangeError,
      'progressBar(): option "interval": expected a number of ms, more than 0, or Infinity, got 0',
    ],
    [
      { total: { a: 1 } },
      TypeError,
      'progressBar(): option "total": expected a number, as there is no "groupBy", got an object',
    ],
    [
      { total: 1, groupBy: (): string => 'a' },
      TypeError,
      'progressBar(): option "total": expected an object of totals, because of "groupBy", got 1',
    ],
    [{ total: null }, TypeError, 'progressBar(): option "total": expected an integer, 0 or more, got null'],
    [
      { total: { a: -1 }, groupBy: (): string => 'a' },
      RangeError,
      'progressBar(): option "total.a": expected an integer, 0 or more, got -1',
    ],
    [{ groupBy: 'name' }, TypeError, 'progressBar(): option "groupBy": expected a function, got "name"'],
    [{ label: 5 }, TypeError, 'progressBar(): option "label": expected a string, got 5'],
    [{ stream: {} }, TypeError, 'progressBar(): option "stream": expected a writable stream, got an object'],
    [{ clear: 'yes' }, TypeError, 'progressBar(): option "clear": expected true or false, got "yes"'],
    [
      { width: 80 },
      TypeError,
      'progressBar(): unknown option "width". Use one of: total, groupBy, label, stream, interval, clear.',
    ],
  ])('progressBar throws at the call for %o, and names the option', (options, type, message) => {
    const call = () => progressBar(options as never);
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });
});
