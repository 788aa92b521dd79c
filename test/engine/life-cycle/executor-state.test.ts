import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExecutorState, isFinal, mayAdvance } from '../../../src/engine/life-cycle/executor-state.js';

const states: readonly ExecutorState[] = ['open', 'draining', 'closed', 'broken'];

describe('the states of an executor', () => {
  it('an executor has these moves and no others', () => {
    const moves = states.flatMap((from) => states.filter((to) => mayAdvance(from, to)).map((to) => `${from} → ${to}`));
    expect(moves).toEqual([
      'open → draining',
      'open → closed',
      'open → broken',
      'draining → closed',
      'draining → broken',
    ]);
  });

  it('a closed and a broken executor have no further state, and the others have', () => {
    expect(states.filter(isFinal)).toEqual(['closed', 'broken']);
  });

  it('an executor opens no second time and ends once for any sequence of moves', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states)), (attempts) => {
        const visited: ExecutorState[] = ['open'];
        for (const next of attempts) if (mayAdvance(visited.at(-1)!, next)) visited.push(next);
        expect(new Set(visited).size).toBe(visited.length);
        expect(visited.filter(isFinal).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
