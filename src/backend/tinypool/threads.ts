/** Worker threads: messages through a port of our own, the ledger in shared memory. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Ledger } from '../../protocol/ledger.js';
import type { FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { Backend, SessionListener, WorkerOptions } from '../backend.js';
import { PoolSession } from './pool-session.js';

/** The default backend. */
export function threadsBackend(): Backend {
  return { name: 'threads', open: (config, options, listener) => new ThreadSession(config, options, listener) };
}

class ThreadSession extends PoolSession {
  readonly ledger = new Ledger();
  readonly canTakeBack = true;
  readonly #port: MessagePort;

  constructor(config: SessionConfig, options: WorkerOptions, listener: SessionListener) {
    super({ runtime: 'worker_threads', ...(options as object) }, listener);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: FromWorker) => this.receive(message));
    // Whether the process stays alive is decided in one place, by pending work; not by a port that listens.
    port1.unref();
    this.open({ port: port2, ledger: this.ledger.buffer, config }, { transferList: [port2 as never] });
  }

  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    this.#port.postMessage(message, transfer as never);
  }

  protected *remaining(): Iterable<FromWorker> {
    for (let last = receiveMessageOnPort(this.#port); last !== undefined; last = receiveMessageOnPort(this.#port)) {
      yield last.message as FromWorker;
    }
  }

  protected closed(): void {
    this.#port.close();
  }
}
