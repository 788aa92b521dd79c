import { describe, expect, it } from 'vitest';
import { updatedPace } from '../../src/util/pace.js';

describe('the pace of work', () => {
  it('the first sample is the average', () => {
    expect(updatedPace(undefined, 8)).toBe(8);
  });

  it('a faster sample replaces the average', () => {
    expect(updatedPace(8, 2)).toBe(2);
  });

  it('a slower sample moves the average by a quarter of the difference', () => {
    expect(updatedPace(8, 16)).toBe(10);
  });
});
