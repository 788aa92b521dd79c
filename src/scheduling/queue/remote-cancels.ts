/**
 * Cancels of tasks that other processes have submitted.
 *
 * If a future of `attach` is cancelled before its job was sent, the job leaves the queue like any
 * other. The task runs in another process nevertheless, and a message cancels it there. The cancel
 * is kept until the worker has confirmed that message, because the process may end after that. If
 * the worker ends before, the next worker sends the message again.
 */
import type { ToQueue } from '../../protocol/messages.js';
import { encodeError, type WireError } from '../../protocol/wire-error.js';

interface RemoteCancel {
  readonly id: number;
  readonly reason: WireError;
  readonly done: () => void;
}

/** A worker, as far as the cancels need it. */
interface CancelSender {
  post(message: ToQueue): void;
}

export class RemoteCancels {
  #unsent: RemoteCancel[] = [];
  #sent: RemoteCancel[] = [];
  #isClosed = false;

  /** Number of cancels that have not been sent. */
  get unsent(): number {
    return this.#unsent.length;
  }

  /** Resolves when the cancel was confirmed or dropped. Returns undefined if none can be sent. */
  add(id: number, reason: unknown): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    return new Promise((done) => this.#unsent.push({ id, reason: encodeError(reason, 'reason'), done }));
  }

  sendTo(worker: CancelSender): void {
    if (this.#unsent.length === 0) return;
    const cancels = this.#unsent;
    this.#unsent = [];
    this.#sent.push(...cancels);
    for (const { id, reason } of cancels) worker.post({ type: 'cancel-remote', id, reason });
  }

  /** Called when the worker has confirmed the message about this future. */
  confirmed(id: number): void {
    const at = this.#sent.findIndex((cancel) => cancel.id === id);
    for (const { done } of at === -1 ? [] : this.#sent.splice(at, 1)) done();
  }

  /** Called when a worker has ended. */
  workerEnded(): void {
    this.#unsent.unshift(...this.#sent.splice(0));
  }

  /** Drops all cancels, and those that are added later. */
  close(): void {
    this.#isClosed = true;
    for (const { done } of [...this.#sent.splice(0), ...this.#unsent.splice(0)]) done();
  }
}
