/** The actors of a worker that ends, or that receives no more jobs: what they lose. */
import type { Ending } from '../../backends/ending.js';
import type { Worker } from './worker.js';
import { actorDied, actorLeft } from './worker-died.js';

/** Informs the actors of a worker that has ended. Returns what they do when it is forgotten. */
export function loseActors(worker: Worker, ending: Ending): (() => void)[] {
  const { isFinalized: isOrderly } = worker.end;
  return [...worker.actors.all].map(({ actor }) =>
    actor.workerEnded({ isOrderly, lossError: () => actorDied(worker, ending, actor.name) }),
  );
}

/**
 * Lets the actors leave a worker that receives no more jobs and waits for some that run on it. A
 * task on the worker may wait for a call. An example is a stream whose reader awaits one. If the
 * call waited for the end of the worker, neither would ever end.
 */
export function moveActors(worker: Worker): void {
  const finishes = [...worker.actors.all].map(({ actor }) =>
    actor.workerCloses(() => actorLeft(worker, actor.name, worker.fault)),
  );
  for (const finish of finishes) finish();
}
