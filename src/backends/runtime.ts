/**
 * The kinds of workers that the option `runtime` selects. Each platform has its own: node.ts lists
 * those of Node.
 */
import type { Backend, WorkerOptions } from './backend.js';

export interface Runtime {
  createBackend(): Backend;
  /**
   * Creates a backend whose workers come from a function of the program (option `worker`).
   * Undefined if a function can't create such a worker.
   */
  readonly createBackendOf?: (create: WorkerFactory) => Backend;
  /**
   * Checks the options for workers before the first one is created.
   *
   * @throws TypeError or RangeError that names the option
   */
  checkOptions(options: WorkerOptions & { readonly maxMemoryPerWorker?: number }): void;
  /**
   * Throws for a value that can be cloned, but not be sent to such a worker. Undefined if there is
   * no such value.
   */
  readonly tryToSend?: (value: unknown) => unknown;
}

/**
 * A function that creates a worker: a `Worker` of `node:worker_threads` on Node, a `Worker` in a
 * browser.
 */
export type WorkerFactory = () => WorkerLike;

/** The part of a worker that every platform has. */
export interface WorkerLike {
  /** Sends the handshake, with the port through which the session talks to the worker. */
  postMessage(message: any, transfer?: any): void;
  /** Ends the worker at once. */
  terminate(): unknown;
}

/** Runtimes by their names in the option. The first one is the default. */
export type Runtimes = Readonly<Record<string, Runtime>>;
