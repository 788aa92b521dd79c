/** The states of an actor: which moves are allowed. */
import { describe, expect, it } from 'vitest';
import { type ActorState, mayMove } from '../../../src/engine/actors/actor-state.js';

const states: readonly ActorState[] = ['starting', 'alive', 'ended', 'dead'];

describe('the states of an actor', () => {
  it('an actor that has ended or died stays so', () => {
    for (const state of states) {
      expect(mayMove('ended', state)).toBe(false);
      expect(mayMove('dead', state)).toBe(false);
    }
  });

  it('a starting actor may become anything, and be restarted', () => {
    expect(states.filter((state) => mayMove('starting', state))).toEqual(states);
  });

  it('an actor that is alive may be restarted, end or die', () => {
    expect(states.filter((state) => mayMove('alive', state))).toEqual(['starting', 'ended', 'dead']);
  });
});
