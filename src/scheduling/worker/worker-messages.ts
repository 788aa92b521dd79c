/**
 * The messages of one worker: how each of them changes the worker and its jobs, and which event the
 * scheduler receives afterwards.
 */

import { outside } from '#platform/context';
import { performance } from '#platform/time';
import { type Backend, type SessionListener, traitsOf, type WorkerOptions } from '../../backends/backend.js';
import type { Ending } from '../../backends/ending.js';
import { type FromWorker, REPORT_SKIPPED, type SessionConfig } from '../../protocol/messages.js';
import { closeUnused } from '../../protocol/transfer.js';
import type { Job } from '../job/job.js';
import { Worker } from './worker.js';
import type { WorkerListener } from './worker-listener.js';

/**
 * Starts a worker. Its events are passed to `listener`, but never before this call has returned.
 *
 * @throws any error of `backend.open`
 */
export function openWorker(
  backend: Backend,
  config: SessionConfig,
  options: WorkerOptions,
  listener: WorkerListener,
  finalizeTimeout: number,
): Worker {
  const messages = new WorkerMessages(listener);
  const session = backend.open(config, options, messages);
  const finalizer = { name: config.finalizer, timeout: finalizeTimeout };
  const worker = new Worker(config.workerName, session, config.concurrency, traitsOf(backend), finalizer, listener);
  messages.worker = worker;
  return worker;
}

class WorkerMessages implements SessionListener {
  /** The sender of the messages. It is set before the first message arrives. */
  worker!: Worker;
  readonly #listener: WorkerListener;

  constructor(listener: WorkerListener) {
    this.#listener = listener;
  }

  message(message: FromWorker): void {
    outside(() => this.#message(message));
  }

  #message(message: FromWorker): void {
    const { worker } = this;
    switch (message.type) {
      case 'ready':
        worker.started();
        this.#listener.ready(worker);
        worker.end.started();
        break;
      case 'boot-failed':
        worker.end.startFailed();
        this.#listener.bootFailed(worker, message);
        break;
      case 'reports':
        this.#reported(message);
        break;
      case 'progress':
        worker.inFlight.jobAt(message.slot)?.progressed(message.value);
        break;
      case 'values':
        this.#streamed(message);
        break;
      case 'input-opened':
        // The worker receives the source before other jobs, which could wait for sources too.
        worker.inFlight.jobAt(message.slot)?.streams?.inputOpened(message.position, message.input);
        this.#waits(message.slot, true);
        break;
      case 'input-read':
        worker.inFlight.jobAt(message.slot)?.streams?.inputRead(message.input, message.count);
        break;
      case 'input-left':
        worker.inFlight.jobAt(message.slot)?.streams?.inputLeft(message.input);
        break;
      case 'waits':
        this.#waits(message.slot, message.isWaiting);
        break;
      case 'flows':
        worker.inFlight.jobAt(message.slot)?.streams?.flows();
        break;
      case 'stream-failed':
        this.#listener.streamFailed(worker, worker.inFlight.jobAt(message.slot), message.error);
        break;
      case 'faulted':
        this.#listener.faulted(worker, message);
        break;
      case 'cleanup-failed':
        this.#listener.cleanupFailed(message);
        break;
      case 'heap-full':
        this.#listener.heapFull(worker);
        break;
      case 'finalized':
        if (worker.end.finalized()) this.#listener.finalized(message);
        break;
      case 'pong':
        worker.answeredAt = performance.now();
        this.#listener.answered(worker);
        break;
      case 'measured':
        worker.heap = message.heap;
        break;
      case 'remote-cancelled':
        this.#listener.remoteCancelled(message.id);
        break;
      default:
        message satisfies never;
    }
  }

  ended(ending: Ending): void {
    const { worker } = this;
    worker.ended();
    outside(() => worker.end.ended(ending));
    outside(() => this.#listener.ended(worker, ending));
    worker.clear();
  }

  #waits(slot: number, isWaiting: boolean): void {
    const { worker } = this;
    if (worker.credits.wait(slot, isWaiting)) this.#listener.roomFreed(worker);
    worker.load.streamed();
  }

  #streamed({ slot, values, bytes, creditLeft }: FromWorker & { type: 'values' }): void {
    const { worker } = this;
    worker.load.streamed();
    // The worker receives new jobs before the reader is called, because the reader may do anything.
    if (worker.credits.spend(slot, values.length, creditLeft)) this.#listener.roomFreed(worker);
    const job = worker.inFlight.jobAt(slot);
    if (job === undefined) closeUnused(values);
    else job.streamed(values, bytes, creditLeft);
  }

  #reported(message: FromWorker & { type: 'reports' }): void {
    const { worker } = this;
    const { credits, inFlight, ledger } = worker;
    const { cells, busy } = message;
    const jobs: (Job | undefined)[] = new Array(cells.length / 2);
    let ran = 0;
    for (let i = 0; i < jobs.length; i++) {
      // `| 0` converts a double to a small integer, because cells may be doubles. Storing a double
      // into `job.slot` would give each job another hidden class, which costs as much as the rest
      // of the report.
      const slot = cells[2 * i]! | 0;
      credits.close(slot);
      const job = inFlight.reported(slot);
      jobs[i] = job;
      if (cells[2 * i + 1] === REPORT_SKIPPED) continue;
      ran++;
      // The times must be read before the slot is assigned to another job.
      job?.ran(ledger.startedAt(slot), ledger.endedAt(slot));
    }
    if (ran > 0) worker.hasRun = true;
    worker.load.reported(worker.name, ran, busy);
    this.#listener.reported(worker, jobs, message);
    worker.endIfIdle();
  }
}
