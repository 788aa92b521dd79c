import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/progress/counter.js';
import { formatProgress, formatWithBar, join } from '../../src/terminal/text.js';

const snapshot = (part: Partial<Snapshot>): Snapshot => ({
  done: 0,
  fulfilled: 0,
  rejected: 0,
  cancelled: 0,
  total: undefined,
  elapsed: 0,
  rate: 0,
  eta: undefined,
  ...part,
});

describe('formatProgress', () => {
  it.each<[text: string, part: Partial<Snapshot>]>([
    [' 45%   450/1000  ✗ 3  12.3/s  eta 45 s', { done: 450, total: 1_000, rejected: 3, rate: 12.34, eta: 44_500 }],
    ['  0%  0/3', { total: 3 }],
    ['100%  0/0', { total: 0 }],
    [' 99%   999/1000', { done: 999, total: 1_000 }],
    ['7 done  2 cancelled  3/min  12 s', { done: 7, cancelled: 2, rate: 0.05, elapsed: 12_000 }],
    ['7 done  36/h  2 h 5 min', { done: 7, rate: 0.01, elapsed: 7_500_000 }],
  ])('a running progress is %j', (text, part) => {
    expect(formatProgress(snapshot(part))).toBe(text);
  });

  it('an ending shows the time instead of the expectations', () => {
    const part = snapshot({ done: 4, total: 4, elapsed: 81_000, rate: 5, eta: 1_000 });
    expect(formatProgress(part, 'completed')).toBe('100%  4/4  in 1 min 21 s');
    expect(formatProgress({ ...part, done: 1, elapsed: 250 }, 'stopped')).toBe(' 25%  1/4  stopped after 250 ms');
  });
});

describe('formatWithBar', () => {
  const draw = (fraction: number, size: number) => '#'.repeat(Math.round(fraction * size)).padEnd(size, '.');
  const half = snapshot({ done: 1, total: 2 });

  it('the bar fills the room between label and text, up to its longest', () => {
    expect(formatWithBar({ label: 'pages', snapshot: half }, 28, draw)).toBe('pages  #####.....   50%  1/2');
    expect(formatWithBar({ label: '', snapshot: half }, 200, draw)).toBe(
      `${'#'.repeat(15)}${'.'.repeat(15)}   50%  1/2`,
    );
  });

  it('there is no bar without a total or without room, and the line is cut at the width', () => {
    expect(formatWithBar({ label: 'pages', snapshot: snapshot({ done: 1 }) }, 80, draw)).toBe('pages  1 done  0 ms');
    expect(formatWithBar({ label: 'pages', snapshot: half }, 20, draw)).toBe('pages   50%  1/2');
    expect(formatWithBar({ label: 'pages', snapshot: half }, 8, draw)).toBe('pages   ');
  });

  it('a wide character counts as two columns', () => {
    expect(formatWithBar({ label: '漢字', snapshot: snapshot({}) }, 3, draw)).toBe('漢');
  });
});

it('join() leaves out empty parts', () => {
  expect(join('a', '', 'b')).toBe('a  b');
});
