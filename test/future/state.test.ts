import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CANCELLED,
  FULFILLED,
  isSettled,
  mayAdvance,
  PENDING,
  REJECTED,
  RUNNING,
  stateName,
} from '../../src/future/state.js';

const states = [PENDING, RUNNING, FULFILLED, REJECTED, CANCELLED];

describe('the state machine', () => {
  it('a future has these moves and no others', () => {
    const moves = states.flatMap((from) =>
      states.filter((to) => mayAdvance(from, to)).map((to) => `${stateName(from)} → ${stateName(to)}`),
    );
    expect(moves).toEqual([
      'pending → running',
      'pending → fulfilled',
      'pending → rejected',
      'pending → cancelled',
      'running → fulfilled',
      'running → rejected',
      'running → cancelled',
    ]);
  });

  it('a state never decreases and stays settled for any sequence of moves', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states)), (attempts) => {
        let state = PENDING;
        for (const next of attempts) {
          const before = state;
          if (mayAdvance(state, next)) state = next;
          expect(state).toBeGreaterThanOrEqual(before);
          if (isSettled(before)) expect(state).toBe(before);
        }
      }),
    );
  });
});
