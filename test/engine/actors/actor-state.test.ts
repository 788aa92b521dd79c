/** The states of an actor: which moves are allowed. */
import { describe, expect, it } from 'vitest';
import { type ActorState, mayAdvance } from '../../../src/engine/actors/actor-state.js';

const states: readonly ActorState[] = ['starting', 'alive', 'ended', 'dead'];

describe('the states of an actor', () => {
  it('an actor that has ended or died stays so', () => {
    for (const state of states) {
      expect(mayAdvance('ended', state)).toBe(false);
      expect(mayAdvance('dead', state)).toBe(false);
    }
  });

  it('a starting actor may become anything, and be restarted', () => {
    expect(states.filter((state) => mayAdvance('starting', state))).toEqual(states);
  });

  it('an actor that is alive may be restarted, end or die', () => {
    expect(states.filter((state) => mayAdvance('alive', state))).toEqual(['starting', 'ended', 'dead']);
  });
});
