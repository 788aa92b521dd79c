/**
 * Worker threads, made and ended by tinypool: one pool of one thread per worker, one `run` that opens the session.
 *
 * It is tempting to have one pool for all workers, and one long run for each session. But a run that is pending keeps the
 * process alive (tinypool refs its port, and nobody else can reach it), an error of a thread that is starting can't be told
 * from that of another, and a run that waits for a thread that dies while it starts waits for ever. With a pool of one, the
 * run is posted to its own thread at once and is over when the session is up; the queue is always empty.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Tinypool } from 'tinypool';
import { Ledger } from '../../protocol/ledger.js';
import type { FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { Backend, Session, SessionListener, WorkerOptions } from '../backend.js';

export function threadsBackend(): Backend {
  return { name: 'threads', open: (config, options, listener) => new ThreadSession(config, options, listener) };
}

/** ms that a worker has for its 'exit' listeners before it is ended from outside. */
const GOODBYE = 1_000;

type Thread = Tinypool['threads'][number];

class ThreadSession implements Session {
  readonly ledger = new Ledger();
  readonly threadId: number | undefined;
  readonly #listener: SessionListener;
  readonly #port: MessagePort;
  readonly #pool: Tinypool;
  #error: unknown;
  #hasEnded = false;

  constructor(config: SessionConfig, options: WorkerOptions, listener: SessionListener) {
    this.#listener = listener;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: FromWorker) => this.#hasEnded || listener.message(message));
    // Whether the process stays alive is decided in one place, by pending work; not by a port that listens.
    port1.unref();

    this.#pool = new Tinypool({
      runtime: 'worker_threads',
      minThreads: 1,
      maxThreads: 1,
      // With Atomics an idle worker's event loop is frozen: what a task left behind would fire inside the next one.
      useAtomics: false,
      ...(options as object),
    });
    // Without a listener an error of the thread would be an uncaught exception of this process.
    this.#pool.on('error', (error) => {
      this.#error ??= error;
    });
    const thread = this.#pool.threads[0] as Thread;
    this.threadId = thread.threadId;
    // tinypool never notices a process.exit() in the worker; the thread's own event tells of every kind of end.
    thread.once('exit', (exitCode: number) => this.#end(exitCode));

    const request = { port: port2, ledger: this.ledger.buffer, config };
    this.#pool.run(request, { filename: workerEntry(), name: 'openSession', transferList: [port2 as never] }).then(
      // From here on a dead thread is not replaced by tinypool: the scheduler decides that.
      () => Object.assign(this.#pool.options, { minThreads: 0 }),
      (error) => {
        this.#error ??= error;
        this.kill();
      },
    );
  }

  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    this.#port.postMessage(message, transfer as never);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.post({ type: 'end' });
    setTimeout(() => this.kill(), GOODBYE).unref();
  }

  kill(): void {
    if (this.#hasEnded) return;
    // Its promise is of no use: it waits for an 'exit' that may have been, and `once` above hears of it anyway.
    void this.#pool.destroy();
  }

  #end(exitCode: number): void {
    if (this.#hasEnded) return;
    // 1. The thread posts its last reports, 2. it exits, 3. 'exit' may be handled here before the port's own events are.
    for (let last = receiveMessageOnPort(this.#port); last !== undefined; last = receiveMessageOnPort(this.#port)) {
      this.#listener.message(last.message as FromWorker);
    }
    this.#hasEnded = true;
    this.#port.close();
    void this.#pool.destroy();
    this.#listener.ended({ exitCode, error: this.#error });
  }
}

let entry: string | undefined;

/** `worker-entry.js` stands beside this code in dist; sources that run as they are (tests) use the built one. */
function workerEntry(): string {
  if (entry !== undefined) return entry;
  const candidates = ['./worker-entry.js', '../../../dist/worker-entry.js'];
  const found = candidates
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(
      'rx-futures: worker-entry.js is missing beside the library. A bundler has left it out: mark rx-futures as external, so that it is loaded from node_modules.',
    );
  }
  entry = found;
  return entry;
}
