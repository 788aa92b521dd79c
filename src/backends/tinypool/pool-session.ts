/**
 * A worker made and ended by tinypool: one pool of one worker, one `run` that opens the session. Threads and processes differ in how
 * messages travel; that is left to the subclasses.
 *
 * It is tempting to have one pool for all workers, and one long run for each session. But a run that is pending keeps the process alive
 * (tinypool refs its port, and nobody else can reach it), an error of a worker that is starting can't be told from that of another, and a
 * run that waits for a worker that dies while it starts waits for ever. With a pool of one, the run is posted to its own worker at once and
 * is over when the session is up; the queue is always empty.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tinypool } from 'tinypool';
import { clearTimeout, setTimeout } from '../../platform/time.js';
import type { FromWorker, ToWorker } from '../../protocol/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { Session, SessionLedger, SessionListener } from '../backend.js';
import { type PoolOptions, type PoolWorker, replaceNone, startPool } from './start-pool.js';

/** ms that a worker has for its 'exit' listeners before it is ended from outside. */
const GOODBYE = 1_000;

type RunOptions = NonNullable<Parameters<Tinypool['run']>[1]>;

export abstract class PoolSession implements Session {
  abstract readonly ledger: SessionLedger;
  abstract readonly canTakeBack: boolean;
  readonly threadId: number | undefined;
  protected hasEnded = false;
  protected readonly worker: PoolWorker;
  readonly #listener: SessionListener;
  readonly #pool: Tinypool;
  readonly #entry: string;
  #error: unknown;
  #goodbye: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions, listener: SessionListener) {
    this.#listener = listener;
    // Before the worker is made: if the file is missing, no worker is left behind.
    this.#entry = workerEntry();
    const { pool, worker } = startPool(options, (error) => this.#failed(error));
    this.#pool = pool;
    this.worker = worker;
    // Without a listener an error of the pool would be an uncaught exception of this process.
    pool.on('error', (error) => this.#failed(error));
    this.threadId = idOf(worker);
    // tinypool never notices a process.exit() in a thread; the worker's own event tells of every kind of end.
    worker.once('exit', (exitCode: number | null, signal?: string | null) => {
      this.#ended(exitCode ?? undefined, signal ?? undefined);
    });
    // A process that could not be started has no `exit`, for which tinypool and this session wait. The last listener of `error` emits it.
    worker.once('error', () => {
      if (isUnstarted(worker)) worker.emit('exit', null, null);
    });
  }

  abstract post(message: ToWorker, transfer?: readonly Transferable[]): void;

  /** What has been posted and not been handled, at the end. */
  protected abstract remaining(): Iterable<FromWorker>;

  protected abstract closed(): void;

  /** The session is open on the worker. tinypool is done: it sends and expects no further message. May be called twice. */
  protected abstract up(): void;

  protected open(request: unknown, options: RunOptions): void {
    this.#pool.run(request, { filename: this.#entry, name: 'openSession', ...options }).then(
      () => {
        replaceNone(this.#pool);
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
    // A process that could not be started ends by itself, in a moment; kill() without a pid would reach the process group of this process.
    if (this.hasEnded || isUnstarted(this.worker)) return;
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
    replaceNone(this.#pool);
    this.#pool.destroy().catch(() => {});
    this.#listener.ended({ exitCode, signal, error: this.#error });
  }
}

function idOf(worker: PoolWorker): number | undefined {
  return 'threadId' in worker ? worker.threadId : worker.pid;
}

/** `fork()` found no file descriptor, no memory or no binary of Node: an `error` is all that follows. */
function isUnstarted(worker: PoolWorker): boolean {
  return idOf(worker) === undefined;
}

let entry: string | undefined;

/**
 * `worker-entry.js` stands beside this code in dist; sources that run as they are (tests) use the built one.
 *
 * @throws Error if the file is in neither place
 */
function workerEntry(): string {
  entry ??= ['./worker-entry.js', '../../../dist/worker-entry.js'].map(pathBesideThis).find(existsSync);
  if (entry !== undefined) return entry;
  throw new Error(
    'rx-futures: the file worker-entry.js is missing beside the library, because a bundler has left it out. Mark rx-futures as external, so that the program loads it from node_modules.',
  );
}

/** Empty if this code has no file of its own: in a bundle in the format of CommonJS, `import.meta.url` is undefined. */
function pathBesideThis(path: string): string {
  try {
    return fileURLToPath(new URL(path, import.meta.url));
  } catch {
    return '';
  }
}
