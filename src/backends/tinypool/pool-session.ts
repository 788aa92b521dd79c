/**
 * A worker that tinypool creates and ends: a pool of one worker, and one `run` that opens the
 * session. Threads and processes send messages in different ways, which the subclasses implement.
 *
 * It is tempting to use one pool for all workers and one long run for each session. But that has
 * three faults:
 *
 *   1. A pending run keeps the process alive, because tinypool refs its port, and no other code can
 *      reach that port.
 *   2. An error of a starting worker can't be distinguished from an error of another worker.
 *   3. A run waits forever for a worker that ends while it starts.
 *
 * In a pool of one worker, the run is posted to its worker at once. It ends when the session is
 * open, so the queue of the pool is always empty.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tinypool } from 'tinypool';
import { adopt } from '#platform/realm';
import { clearTimeout, setTimeout } from '#platform/time';
import type { FromWorker, ToWorker } from '../../protocol/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { Session, SessionLedger, SessionListener } from '../backend.js';
import { type PoolOptions, type PoolWorker, replaceNone, startPool } from './start-pool.js';

/** ms that a worker has for its 'exit' listeners before it is killed. */
const EXIT_GRACE_MS = 1_000;

type RunOptions = NonNullable<Parameters<Tinypool['run']>[1]>;

export abstract class PoolSession implements Session {
  abstract readonly ledger: SessionLedger;
  abstract readonly canRevoke: boolean;
  readonly threadId: number | undefined;
  protected hasEnded = false;
  protected readonly worker: PoolWorker;
  readonly #listener: SessionListener;
  readonly #pool: Tinypool;
  readonly #host: string;
  #error: unknown;
  #exitTimer: NodeJS.Timeout | undefined;

  /** `hostFile` is the file of dist that the worker runs. It exports `openSession`. */
  constructor(options: PoolOptions, listener: SessionListener, hostFile: string) {
    this.#listener = listener;
    // The file is looked up before the worker is created. If the file is missing, no worker is left
    // behind.
    this.#host = pathOfHost(hostFile);
    const { pool, worker } = startPool(options, (error) => this.#failed(error));
    this.#pool = pool;
    this.worker = worker;
    // Without a listener, an error of the pool would be an uncaught exception of this process.
    pool.on('error', (error) => this.#failed(error));
    this.threadId = idOf(worker);
    // tinypool does not notice a process.exit() in a thread. The worker's own event reports every
    // kind of end.
    worker.once('exit', (exitCode: number | null, signal?: string | null) => {
      this.#ended(exitCode ?? undefined, signal ?? undefined);
    });
    // A process that could not be started emits no `exit`, for which tinypool and this session
    // wait. This is the last listener of `error`, so it emits `exit` itself.
    worker.once('error', () => {
      if (isUnstarted(worker)) worker.emit('exit', null, null);
    });
  }

  abstract post(message: ToWorker, transfer?: readonly Transferable[]): void;

  /** Messages that were posted and have not been handled when the worker ended. */
  protected abstract remaining(): Iterable<FromWorker>;

  protected abstract closed(): void;

  /**
   * Called when the session is open on the worker. From then on, tinypool sends and expects no
   * messages. May be called twice.
   */
  protected abstract up(): void;

  protected open(request: unknown, options: RunOptions): void {
    this.#pool.run(request, { filename: this.#host, name: 'openSession', ...options }).then(
      () => {
        replaceNone(this.#pool);
        this.up();
      },
      (error) => this.fail(error),
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
    // The promise may wait for an 'exit' that has already been emitted. The listener in the
    // constructor reports the end.
    this.#pool.destroy().catch(() => {});
  }

  #failed(error: unknown): void {
    // tinypool's error for the end of a process says less than the 'exit' event.
    if (error instanceof Error && error.message === 'Worker exited unexpectedly') return;
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
    replaceNone(this.#pool);
    this.#pool.destroy().catch(() => {});
    this.#listener.ended({ exitCode, signal, error: this.#error });
  }
}

function idOf(worker: PoolWorker): number | undefined {
  return 'threadId' in worker ? worker.threadId : worker.pid;
}

/**
 * Returns true if `fork()` found no file descriptor, no memory or no binary of Node. Only an
 * `error` event follows then.
 */
function isUnstarted(worker: PoolWorker): boolean {
  return idOf(worker) === undefined;
}

const found = new Map<string, string>();

/**
 * Returns the path of the file that a worker runs. The file is beside this code in dist. Sources
 * that run without a build (tests) use the built file.
 *
 * @throws Error if the file is in neither place
 */
function pathOfHost(file: string): string {
  const path = found.get(file) ?? [`./${file}`, `../../../dist/${file}`].map(pathBesideThis).find(existsSync);
  if (path === undefined) {
    throw new Error(
      `rx-futures: the file "${file}" is missing beside the library, because a bundler left it out. Mark rx-futures as external, so that the program loads it from node_modules.`,
    );
  }
  found.set(file, path);
  return path;
}

/**
 * Returns the path of a file beside this code. Returns an empty string if this code has no file of
 * its own: in a CommonJS bundle, `import.meta.url` is undefined.
 */
function pathBesideThis(path: string): string {
  try {
    return fileURLToPath(new URL(path, import.meta.url));
  } catch {
    return '';
  }
}
