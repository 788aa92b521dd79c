import { expect, it } from 'vitest';
import { Patience } from '../../../src/protocol/mailbox/patience.js';

/** Returns the number of times that are left out before the next one is worth trying. */
function leftOut(patience: Patience): number {
  let count = 0;
  while (!patience.isWorthTrying()) count++;
  return count;
}

it('each failure in a row doubles the pause, up to 63 times', () => {
  const patience = new Patience();
  const pauses = Array.from({ length: 8 }, () => {
    const count = leftOut(patience);
    patience.failed();
    return count;
  });
  expect(pauses).toEqual([0, 1, 3, 7, 15, 31, 63, 63]);
});

it('a success ends the series of failures', () => {
  const patience = new Patience();
  for (let i = 0; i < 5; i++) patience.failed();
  leftOut(patience);
  patience.succeeded();
  expect(leftOut(patience)).toBe(0);
  patience.failed();
  expect(leftOut(patience)).toBe(1);
});
