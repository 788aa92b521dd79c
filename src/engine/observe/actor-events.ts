/** Emits the events of actors. */
import type { JobWorker } from '../../scheduling/job/job.js';
import type { EventSource } from './events.js';

export class ActorEvents {
  readonly #source: EventSource;

  constructor(source: EventSource) {
    this.#source = source;
  }

  started(actor: string, worker: JobWorker | undefined): void {
    if (this.#source.wants('actor-started')) this.#source.emit('actor-started', dataOf(actor, worker));
  }

  restarted(actor: string, worker: JobWorker | undefined, restarts: number, error: Error): void {
    if (this.#source.wants('actor-restarted'))
      this.#source.emit('actor-restarted', { ...dataOf(actor, worker), restarts, error });
  }

  ended(actor: string, worker: JobWorker | undefined, error: unknown): void {
    if (this.#source.wants('actor-ended')) this.#source.emit('actor-ended', { ...dataOf(actor, worker), error });
  }

  died(actor: string, worker: JobWorker | undefined, error: unknown): void {
    if (this.#source.wants('actor-died')) this.#source.emit('actor-died', { ...dataOf(actor, worker), error });
  }
}

function dataOf(actor: string, worker: JobWorker | undefined) {
  return { actor, worker: worker?.name, threadId: worker?.threadId };
}
