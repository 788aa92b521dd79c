/** The main thread's half of a worker thread. The thread may come from tinypool or the program. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { Ledger } from '../../protocol/ledger.js';
import type { FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import { post } from '../../protocol/post.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { SessionListener } from '../backend.js';
import { NodeSession, type Start } from '../node-worker/session.js';
import type { ThreadRequest } from './port-host.js';

export class ThreadSession extends NodeSession {
  readonly ledger = new Ledger();
  readonly canRevoke = true;
  readonly #port: MessagePort;

  constructor(config: SessionConfig, start: Start, listener: SessionListener) {
    super(start, listener);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: FromWorker) => this.receive(message));
    port1.on('messageerror', (cause) => this.fail(unreadable(cause)));
    // Pending work alone keeps the process alive. A port with a listener must not.
    port1.unref();
    const request: ThreadRequest = { config, port: port2, ledger: this.ledger.buffer };
    this.open(request, { transferList: [port2] });
  }

  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    post(this.#port, message, transfer);
  }

  idleTime(): number {
    return (this.worker as Worker).performance.eventLoopUtilization().idle;
  }

  protected *remaining(): Iterable<FromWorker> {
    for (;;) {
      let next: { message: FromWorker } | undefined;
      try {
        next = receiveMessageOnPort(this.#port);
      } catch (cause) {
        this.fail(unreadable(cause));
        continue;
      }
      if (next === undefined) return;
      yield next.message;
    }
  }

  protected closed(): void {
    this.#port.close();
  }
}

/**
 * The message may have contained results, and the main thread can't know which. So the worker is
 * ended, and its running tasks are lost. Otherwise they would wait forever.
 */
function unreadable(cause: unknown): Error {
  return new Error('A message from the worker could not be read. Check `cause` and the results of the lost tasks.', {
    cause,
  });
}
