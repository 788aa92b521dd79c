import { expect, it } from 'vitest';
import { bytes, count, duration, percent, rate } from '../../../src/dashboard/page/format.js';

it.each([
  [0, '0'],
  [999, '999'],
  [12_345, '12,345'],
  [1_234_567, '1.23 M'],
  [2e9, '2.00 G'],
])('count(%d) is %s', (value, text) => expect(count(value)).toBe(text));

it.each([
  [0, '0'],
  [0.42, '0.4'],
  [9.96, '10.0'],
  [104_321, '104,321'],
])('rate(%d) is %s', (value, text) => expect(rate(value)).toBe(text));

it.each([
  [0, '0'],
  [0.0004, '1 µs'],
  [0.412, '412 µs'],
  [3.21, '3.2 ms'],
  [250, '250 ms'],
  [1_450, '1.5 s'],
  [59_960, '1 m 00 s'],
  [123_000, '2 m 03 s'],
  [3_723_000, '1 h 02 m'],
])('duration(%d) is %s', (value, text) => expect(duration(value)).toBe(text));

it('bytes and percent have a sign for what is not known', () => {
  expect([bytes(undefined), percent(undefined)]).toEqual(['–', '–']);
  expect([bytes(12_345_678), bytes(2_500_000_000), percent(0.256)]).toEqual(['12.3 MB', '2.50 GB', '26 %']);
});
