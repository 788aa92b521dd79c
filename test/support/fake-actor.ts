/** An actor for tests of the scheduler. It refuses no call, and ignores the end of its worker. */
import type { LaneActor } from '../../src/scheduling/lanes/actor-lane.js';

export function fakeActor(name = 'Counter-1'): LaneActor {
  return {
    name,
    isGone: false,
    refuse: () => false,
    workerEnded: () => () => {},
    workerCloses: () => () => {},
  };
}
