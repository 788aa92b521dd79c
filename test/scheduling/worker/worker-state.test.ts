import { expect, it } from 'vitest';
import { mayAdvance, type WorkerState } from '../../../src/scheduling/worker/worker-state.js';

const states: readonly WorkerState[] = ['starting', 'ready', 'leaving', 'ended'];

it('a worker only moves forward', () => {
  for (const [i, from] of states.entries()) {
    for (const [j, to] of states.entries()) expect([from, to, mayAdvance(from, to)]).toEqual([from, to, j > i]);
  }
});
