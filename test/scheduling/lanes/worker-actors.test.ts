/** The actors on one worker. */
import { describe, expect, it } from 'vitest';
import { ActorLane } from '../../../src/scheduling/lanes/actor-lane.js';
import { WorkerActors } from '../../../src/scheduling/lanes/worker-actors.js';

function laneOf(isDisposable: boolean): ActorLane {
  const lane = new ActorLane(1, 1, {} as never, () => {});
  lane.isDisposable = isDisposable;
  return lane;
}

describe('the actors on a worker', () => {
  it('a worker may end at once if no class of its actors has a disposal', () => {
    const actors = new WorkerActors();
    expect(actors.hasDisposables).toBe(false);
    actors.all.add(laneOf(false));
    expect([actors.size, actors.hasDisposables]).toEqual([1, false]);
  });

  it('one actor with a disposal is enough for the worker to wait, until that actor has left', () => {
    const actors = new WorkerActors();
    const disposable = laneOf(true);
    for (const lane of [laneOf(false), disposable]) actors.all.add(lane);
    expect(actors.hasDisposables).toBe(true);
    actors.all.delete(disposable);
    expect(actors.hasDisposables).toBe(false);
  });
});
