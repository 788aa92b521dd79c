/** The actors of a worker that ends, or that receives no more jobs: what they lose. */
import { ActorDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import type { ActorLoss, LaneActor } from '../../../src/scheduling/lanes/actor-lane.js';
import { loseActors, moveActors } from '../../../src/scheduling/worker/actor-losses.js';
import type { Worker } from '../../../src/scheduling/worker/worker.js';
import { fakeActor } from '../../support/fake-actor.js';

function newWorker(fault: unknown, isFinalized = false) {
  const steps: string[] = [];
  const losses: { isOrderly?: boolean; error: Error }[] = [];
  const newActor = (name: string): LaneActor => ({
    ...fakeActor(name),
    workerEnded({ isOrderly, lossError }: ActorLoss) {
      steps.push(`${name} ended`);
      losses.push({ isOrderly, error: lossError() });
      return () => steps.push(`${name} finished`);
    },
    workerCloses(lossError) {
      steps.push(`${name} left`);
      losses.push({ error: lossError() });
      return () => steps.push(`${name} finished`);
    },
  });
  const all = new Set(['Counter-1', 'Counter-2'].map((name) => ({ actor: newActor(name) })));
  const worker = { name: 'executor-1', fault, actors: { all }, end: { isFinalized } } as unknown as Worker;
  return { worker, steps, losses };
}

describe('moveActors', () => {
  it('code of the user runs when all actors have left', () => {
    const { worker, steps } = newWorker(undefined);
    moveActors(worker);
    expect(steps).toEqual(['Counter-1 left', 'Counter-2 left', 'Counter-1 finished', 'Counter-2 finished']);
  });

  it.each([
    [undefined, 'a cancelled task on it does not stop'],
    [new RangeError('out of reach.'), 'it failed: RangeError: out of reach'],
  ])('the error of an actor says why its worker receives no more calls: %s', (fault, why) => {
    const { worker, losses } = newWorker(fault);
    moveActors(worker);
    const { error } = losses[0]!;
    expect(error).toBeInstanceOf(ActorDiedError);
    const text = `Worker "executor-1" receives no more calls, because ${why}, so the state of actor "Counter-1" is lost.`;
    expect(error.message).toContain(text);
    expect(error.cause).toBe(fault);
  });
});

describe('loseActors', () => {
  it.each([true, false])('actors learn whether their worker has disposed of its objects: %s', (isFinalized) => {
    const { worker, steps, losses } = newWorker(undefined, isFinalized);
    const finishes = loseActors(worker, { type: 'exited', exitCode: 3 });
    expect(steps).toEqual(['Counter-1 ended', 'Counter-2 ended']);
    for (const finish of finishes) finish();
    expect(steps.slice(2)).toEqual(['Counter-1 finished', 'Counter-2 finished']);
    expect(losses[1]).toMatchObject({ isOrderly: isFinalized, error: { exitCode: 3, actorName: 'Counter-2' } });
  });
});
