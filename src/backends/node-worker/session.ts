/**
 * The main thread's half of a worker of Node: a thread or a child process. A {@link StartedWorker}
 * hides how the worker starts and ends. Threads and processes send messages in different ways,
 * which the subclasses implement.
 */
import type { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import { adopt } from '#platform/realm';
import { clearTimeout, setTimeout } from '#platform/time';
import type { FromWorker, ToWorker } from '../../protocol/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { Session, SessionLedger, SessionListener } from '../backend.js';
import { endingOf } from '../ending.js';

/**
 * ms that a worker has for its 'exit' listeners before it is killed. The listeners are synchronous
 * and usually take some ms. The number is chosen by feel, because only a listener
 * that blocks its thread needs it.
 */
const EXIT_GRACE_MS = 1_000;

export type NodeWorker = Worker | ChildProcess;

/**
 * A started worker. tinypool starts some workers, and functions of the program start others. Each
 * of the two has its own way to do these calls.
 */
export interface StartedWorker {
  readonly worker: NodeWorker;
  /**
   * Sends the request that opens a session, and moves the ports in `transferList`. Resolves when
   * the worker has received it. If that is not possible, reports the error to `failed` and rejects.
   */
  open(request: unknown, options: OpenOptions): Promise<void>;
  /** Ends the worker at once. */
  kill(): void;
  /** Called once, when the worker has ended. */
  ended(): void;
  /** Reason why the worker may start too late, for {@link Session.missing}. */
  readonly missing?: Session['missing'];
}

export interface OpenOptions {
  readonly transferList?: readonly unknown[];
  /** How messages reach a child process. */
  readonly channel?: unknown;
}

/**
 * Starts a worker. `failed` receives each error that ends the worker.
 *
 * @throws any error that prevents the start. Then no worker runs
 */
export type Start = (failed: (error: unknown) => void) => StartedWorker;

export abstract class NodeSession implements Session {
  abstract readonly ledger: SessionLedger;
  abstract readonly canRevoke: boolean;
  readonly threadId: number | undefined;
  protected hasEnded = false;
  protected readonly worker: NodeWorker;
  readonly #listener: SessionListener;
  readonly #started: StartedWorker;
  #error: unknown;
  #exitTimer: NodeJS.Timeout | undefined;

  constructor(start: Start, listener: SessionListener) {
    this.#listener = listener;
    this.#started = start((error) => this.#failed(error));
    const { worker } = this.#started;
    this.worker = worker;
    this.threadId = idOf(worker);
    // tinypool does not notice a process.exit() in a thread. The worker's own event reports every
    // kind of end.
    worker.once('exit', (exitCode: number | null, signal?: string | null) => {
      this.afterMessages(() => this.#ended(exitCode ?? undefined, signal ?? undefined));
    });
    // A process that could not be started emits no `exit`, for which tinypool and this session
    // wait. This is the last listener of `error`, so it emits `exit` itself.
    worker.once('error', () => {
      if (isUnstarted(worker)) worker.emit('exit', null, null);
    });
  }

  abstract post(message: ToWorker, transfer?: readonly Transferable[]): void;

  /** Returns the messages of an ended worker that have not been handled. */
  protected abstract remaining(): Iterable<FromWorker>;

  protected abstract closed(): void;

  /**
   * Called when the worker has ended. Calls back when `remaining()` will return all messages that
   * have not been handled.
   */
  protected afterMessages(ended: () => void): void {
    ended();
  }

  /**
   * Called when the session is open on the worker. May be called twice. From then on, the worker's
   * public port belongs to the tasks.
   */
  protected up(): void {}

  get missing(): Session['missing'] {
    return this.#started.missing;
  }

  protected open(request: unknown, options: OpenOptions): void {
    this.#started.open(request, options).then(
      () => this.up(),
      () => this.kill(),
    );
  }

  /** Kills the worker because of an error. */
  protected fail(error: unknown): void {
    this.#failed(error);
    this.kill();
  }

  protected receive(message: FromWorker): void {
    if (!this.hasEnded) this.#listener.message(adopt(message));
  }

  end(): void {
    if (this.hasEnded) return;
    this.post({ type: 'end' });
    this.killUnlessEnded();
  }

  /** Kills the worker if it does not end by itself soon. */
  protected killUnlessEnded(): void {
    this.#exitTimer ??= setTimeout(() => this.kill(), EXIT_GRACE_MS).unref();
  }

  kill(): void {
    // A process that could not be started ends by itself soon. kill() without a pid would kill the
    // process group of this process.
    if (this.hasEnded || isUnstarted(this.worker)) return;
    this.#started.kill();
  }

  #failed(error: unknown): void {
    this.#error ??= error;
  }

  #ended(exitCode: number | undefined, signal: string | undefined): void {
    if (this.hasEnded) return;
    // 1. The worker posts its last reports.
    // 2. The worker exits.
    // 3. 'exit' may be emitted here before those messages are handled, so they are read now.
    for (const message of this.remaining()) this.#listener.message(adopt(message));
    this.hasEnded = true;
    clearTimeout(this.#exitTimer);
    this.closed();
    this.#started.ended();
    this.#listener.ended(endingOf({ exitCode, signal, error: this.#error }));
  }
}

function idOf(worker: NodeWorker): number | undefined {
  return 'threadId' in worker ? worker.threadId : worker.pid;
}

/**
 * Returns true if `fork()` found no file descriptor, no memory or no binary of Node. Only an
 * `error` event follows then.
 */
function isUnstarted(worker: NodeWorker): boolean {
  return idOf(worker) === undefined;
}
