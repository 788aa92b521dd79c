/** The main thread's half of the inline backend, which also opens the worker's half. */
import { outside } from '#platform/context';
import { adopt } from '#platform/realm';
import { setImmediate } from '#platform/time';
import { Ledger } from '../../protocol/ledger.js';
import type { FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { Session, SessionListener } from '../backend.js';
import { type LoadModule, openSession } from './host.js';

export class InlineSession implements Session {
  readonly ledger = new Ledger();
  readonly threadId = 0;
  readonly canRevoke = true;
  readonly #listener: SessionListener;
  readonly #worker: ReturnType<typeof openSession>;
  /** Copies of the messages to the worker that have not been delivered. */
  readonly #unread: ToWorker[] = [];
  #hasEnded = false;

  constructor(config: SessionConfig, loadModule: LoadModule, listener: SessionListener) {
    this.#listener = listener;
    this.#worker = openSession(config, this.ledger, {
      post: (message, transfer) => {
        const copy = clone(message, transfer) as FromWorker;
        this.#later(() => listener.message(copy));
      },
      next: () => this.#unread.shift(),
      end: () => this.#end(0),
      loadModule,
    });
  }

  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    this.#unread.push(clone(message, transfer) as ToWorker);
    this.#later(() => {
      const copy = this.#unread.shift();
      // A task may have read the message before its turn.
      if (copy !== undefined) this.#worker.receive(copy);
    });
  }

  end(): void {
    this.post({ type: 'end' });
  }

  kill(): void {
    setImmediate(() => this.#end(1));
  }

  /**
   * Delivers a message outside of every async context, as between threads. A task and its caller do
   * not see each other's AsyncLocalStorage.
   */
  #later(deliver: () => void): void {
    outside(() =>
      setImmediate(() => {
        if (!this.#hasEnded) deliver();
      }),
    );
  }

  #end(exitCode: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#listener.ended({ type: 'exited', exitCode });
  }
}

function clone(message: unknown, transfer: readonly Transferable[] = []): unknown {
  return adopt(structuredClone(message, { transfer: [...transfer] as never }));
}
