/** Emits the events of workers. */
import { type Ending, partsOf } from '../../backends/ending.js';
import type { Worker } from '../../scheduling/worker/worker.js';
import type { RecycleReason } from '../../scheduling/workforce/workforce-listener.js';
import type { EventSource } from './events.js';

export class WorkerEvents {
  readonly #source: EventSource;

  constructor(source: EventSource) {
    this.#source = source;
  }

  spawned(worker: Worker): void {
    if (this.#source.wants('worker-spawned')) this.#source.emit('worker-spawned', dataOf(worker));
  }

  ready(worker: Worker): void {
    if (this.#source.wants('worker-ready')) this.#source.emit('worker-ready', dataOf(worker));
  }

  recycled(worker: Worker, reason: RecycleReason): void {
    if (this.#source.wants('worker-recycled')) this.#source.emit('worker-recycled', { ...dataOf(worker), reason });
  }

  ended(worker: Worker, ending: Ending, isExpected: boolean): void {
    const type = isExpected ? 'worker-ended' : 'worker-died';
    if (this.#source.wants(type)) this.#source.emit(type, { ...dataOf(worker), ...partsOf(ending) });
  }
}

function dataOf(worker: Worker): { worker: string; threadId: number | undefined } {
  return { worker: worker.name, threadId: worker.threadId };
}
