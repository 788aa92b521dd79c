/**
 * Runs tasks on the calling thread, for unit tests. No worker starts. Debuggers and stubs of
 * globals reach the tasks.
 *
 * Every value is still cloned, and every message still arrives in a later turn of the event loop.
 * So tasks that work here also work on workers.
 */

import { outside } from '#platform/context';
import { setImmediate } from '#platform/time';
import { Ledger } from '../../protocol/ledger.js';
import type { FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import { Session as WorkerSession } from '../../worker/session.js';
import type { Backend, Session, SessionListener } from '../backend.js';

/**
 * A backend that runs tasks on the calling thread.
 *
 * ```ts
 * import { inlineBackend } from 'rx-futures/testing';
 *
 * const executor = new Executor<typeof import('./tasks.js')>({
 *   tasks: new URL('./tasks.js', import.meta.url),
 *   backend: inlineBackend(),
 * });
 * console.log(await executor.tasks.square(3));
 * // Output:
 * // 9
 * ```
 *
 * Node itself imports the task module, so `vi.mock` and `jest.mock` do not reach its imports. Stubs
 * of globals and spies on built-in objects do.
 *
 * Unlike a thread, this backend can't run tasks in parallel, stop a synchronous loop, or survive a
 * task that ends the process.
 */
export function inlineBackend(): Backend {
  return { name: 'inline', open: (config, _options, listener) => new InlineSession(config, listener) };
}

class InlineSession implements Session {
  readonly ledger = new Ledger();
  readonly threadId = 0;
  readonly canTakeBack = true;
  readonly #listener: SessionListener;
  readonly #worker: WorkerSession;
  #hasEnded = false;

  constructor(config: SessionConfig, listener: SessionListener) {
    this.#listener = listener;
    this.#worker = new WorkerSession(config, this.ledger, {
      post: (message, transfer) =>
        this.#deliver(clone(message, transfer), (copy) => listener.message(copy as FromWorker)),
      drainOutput: () => false,
      drainPosts: () => false,
      end: () => this.#end(0),
    });
    setImmediate(() => void this.#worker.boot());
  }

  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    this.#deliver(clone(message, transfer), (copy) => this.#worker.receive(copy as ToWorker));
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
  #deliver(copy: unknown, to: (copy: unknown) => void): void {
    outside(() =>
      setImmediate(() => {
        if (!this.#hasEnded) to(copy);
      }),
    );
  }

  #end(exitCode: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#listener.ended({ exitCode, error: undefined });
  }
}

function clone(message: unknown, transfer: readonly Transferable[] = []): unknown {
  return structuredClone(message, { transfer: [...transfer] as never });
}
