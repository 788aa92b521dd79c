/**
 * Tasks on this thread, for unit tests. No worker starts. Debuggers and stubs of globals reach the tasks. Every value is still cloned, and every
 * message still takes its turn of the event loop, so that what works here works on workers.
 */

import { outside } from '../../platform/context.js';
import { setImmediate } from '../../platform/time.js';
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
 * Node itself imports the task module, so `vi.mock` and `jest.mock` do not reach its imports. Stubs of globals and spies on built-in objects do.
 *
 * What threads can do and this can't: run in parallel, be stopped inside a synchronous loop, die alone.
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

  /** Outside of every async context, as between threads: a task and its caller see nothing of each other's stores. */
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
