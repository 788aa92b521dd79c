/**
 * A worker made and ended by tinypool: one pool of one worker, one `run` that opens the session. Threads and processes differ in how
 * messages travel; that is left to the subclasses.
 *
 * It is tempting to have one pool for all workers, and one long run for each session. But a run that is pending keeps the process alive
 * (tinypool refs its port, and nobody else can reach it), an error of a worker that is starting can't be told from that of another, and a
 * run that waits for a worker that dies while it starts waits for ever. With a pool of one, the run is posted to its own worker at once and
 * is over when the session is up; the queue is always empty.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { Tinypool } from 'tinypool';
import type { FromWorker, ToWorker } from '../../protocol/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import { clearTimeout, setTimeout } from '../../time.js';
import type { Session, SessionLedger, SessionListener } from '../backend.js';
import { withRealTicks } from './real-ticks.js';

/** ms that a worker has for its 'exit' listeners before it is ended from outside. */
const GOODBYE = 1_000;

type PoolOptions = NonNullable<ConstructorParameters<typeof Tinypool>[0]>;
type RunOptions = NonNullable<Parameters<Tinypool['run']>[1]>;

/** What tinypool's workers of both kinds have in common, as far as it is used here. */
interface PoolWorker {
  readonly threadId: number;
  /** Of a worker thread. */
  readonly thread: Worker;
  /** Of a child process. */
  readonly process: ChildProcess;
  once(event: 'exit', listener: (exitCode: number | null, signal?: string | null) => void): void;
}

export abstract class PoolSession implements Session {
  abstract readonly ledger: SessionLedger;
  abstract readonly canTakeBack: boolean;
  readonly threadId: number | undefined;
  protected hasEnded = false;
  protected readonly worker: PoolWorker;
  readonly #listener: SessionListener;
  readonly #pool: Tinypool;
  #error: unknown;
  #goodbye: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions, listener: SessionListener) {
    this.#listener = listener;
    // With Atomics an idle worker's event loop is frozen: what a task left behind would fire inside the next one.
    this.#pool = withRealTicks(() => new Tinypool({ minThreads: 1, maxThreads: 1, useAtomics: false, ...options }));
    // Without a listener an error of the worker would be an uncaught exception of this process.
    this.#pool.on('error', (error) => this.#failed(error));
    this.worker = this.#pool.threads[0] as unknown as PoolWorker;
    this.threadId = this.worker.threadId;
    // tinypool never notices a process.exit() in a thread; the worker's own event tells of every kind of end.
    this.worker.once('exit', (exitCode, signal) => this.#ended(exitCode ?? undefined, signal ?? undefined));
  }

  abstract post(message: ToWorker, transfer?: readonly Transferable[]): void;

  /** What has been posted and not been handled, at the end. */
  protected abstract remaining(): Iterable<FromWorker>;

  protected abstract closed(): void;

  /** The session is open on the worker. tinypool is done: it sends and expects no further message. May be called twice. */
  protected abstract up(): void;

  protected open(request: unknown, options: RunOptions): void {
    this.#pool.run(request, { filename: workerEntry(), name: 'openSession', ...options }).then(
      () => {
        // From here on a dead worker is not replaced by tinypool: the scheduler decides that.
        Object.assign(this.#pool.options, { minThreads: 0 });
        this.up();
      },
      (error) => this.fail(error),
    );
  }

  /** Ends it for what is wrong with it. */
  protected fail(error: unknown): void {
    this.#failed(error);
    this.kill();
  }

  protected receive(message: FromWorker): void {
    if (!this.hasEnded) this.#listener.message(message);
  }

  end(): void {
    if (this.hasEnded) return;
    this.post({ type: 'end' });
    this.killUnlessEnded();
  }

  /** Gives the worker some time to end by itself. */
  protected killUnlessEnded(): void {
    this.#goodbye ??= setTimeout(() => this.kill(), GOODBYE).unref();
  }

  kill(): void {
    if (this.hasEnded) return;
    // Its promise is of no use: it waits for an 'exit' that may have been, and `once` above hears of it anyway.
    this.#pool.destroy().catch(() => {});
  }

  #failed(error: unknown): void {
    // tinypool's word for the end of a process, which 'exit' tells better.
    if (error instanceof Error && error.message === 'Worker exited unexpectedly') return;
    this.#error ??= error;
  }

  #ended(exitCode: number | undefined, signal: string | undefined): void {
    if (this.hasEnded) return;
    // 1. The worker posts its last reports, 2. it exits, 3. 'exit' may be handled here before the messages are.
    for (const message of this.remaining()) this.#listener.message(message);
    this.hasEnded = true;
    clearTimeout(this.#goodbye);
    this.closed();
    this.#pool.destroy().catch(() => {});
    this.#listener.ended({ exitCode, signal, error: this.#error });
  }
}

let entry: string | undefined;

/** `worker-entry.js` stands beside this code in dist; sources that run as they are (tests) use the built one. */
function workerEntry(): string {
  if (entry !== undefined) return entry;
  const candidates = ['./worker-entry.js', '../../../dist/worker-entry.js'];
  entry = candidates.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path));
  if (entry === undefined) {
    throw new Error(
      'rx-futures: worker-entry.js is missing beside the library. A bundler has left it out: mark rx-futures as external, so that it is loaded from node_modules.',
    );
  }
  return entry;
}
