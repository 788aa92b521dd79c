/**
 * The port: what the scheduler needs from whatever runs tasks. Threads are the first adapter (backend/threads), this thread
 * is another one for tests (backend/inline). One conformance suite examines all of them.
 */
import type { FromWorker, SessionConfig, ToWorker } from '../protocol/messages.js';
import type { Transferable } from '../protocol/transfer.js';

/** Makes workers. One backend belongs to one executor. */
export interface Backend {
  /** For errors and stats. */
  readonly name: string;
  /**
   * Set where what runs the tasks is a queue of its own, whose workers are not this executor's: one session takes everything as it comes, and
   * the other end sees to the order, to timeouts and to retries.
   */
  readonly queue?: QueueTraits;
  /**
   * Starts a worker. What comes of it arrives through `listener`, never before this call has returned.
   *
   * @throws whatever keeps a worker from being made; that is a failed start, after which no worker may be left behind
   */
  open(config: SessionConfig, options: WorkerOptions, listener: SessionListener): Session;
}

/** What is different where the backend is a queue. */
export interface QueueTraits {
  /** Ids of futures, so that each can be found again by any client of the queue. */
  nextId(): number;
}

/** What is handed to the thread as it is. */
export interface WorkerOptions {
  readonly resourceLimits?: ResourceLimits;
  readonly env?: Record<string, string>;
  readonly argv?: readonly string[];
  readonly execArgv?: readonly string[];
  readonly workerData?: unknown;
}

/** In MiB; see Node's `worker_threads` for their meaning. */
export interface ResourceLimits {
  readonly maxOldGenerationSizeMb?: number;
  readonly maxYoungGenerationSizeMb?: number;
  readonly codeRangeSizeMb?: number;
  readonly stackSizeMb?: number;
}

/** A worker, from its start to its end. */
export interface Session {
  readonly threadId: number | undefined;

  /** @throws DataCloneError when the message can't be posted; then nothing of it was */
  post(message: ToWorker, transfer?: readonly Transferable[]): void;

  readonly ledger: SessionLedger;

  /** False: what is posted counts as begun, so nothing is posted ahead of time. */
  readonly canTakeBack: boolean;

  /** Ends a worker that has nothing left to do: its 'exit' listeners run. `listener.ended` follows. */
  end(): void;

  /** Ends it now, whatever it does. `listener.ended` follows. */
  kill(): void;
}

export interface SessionListener {
  message(message: FromWorker): void;
  /** The last call, after every message that the worker has posted: whatever is not reported by now never will be. */
  ended(ending: Ending): void;
}

export interface Ending {
  readonly exitCode: number | undefined;
  /** What ended a process from outside, such as SIGKILL. */
  readonly signal?: string | undefined;
  /** What the worker threw, where it is known. */
  readonly error: unknown;
}

/** What main does with the ledger (protocol/ledger.ts): `open` before a leg is posted, `revoke` to take it back, and looks. */
export interface SessionLedger {
  /** Legs that may be in flight at a time. */
  readonly size: number;
  open(slot: number): void;
  /** What feeds the leg is home. */
  upstreamSettled(slot: number): void;
  revoke(slot: number): boolean;
  /** No later step of a leg that has begun may start. Does nothing if no memory is shared; a message tells the worker then. */
  stop(slot: number): void;
  phase(slot: number): number;
  /** Both in ms since the epoch. */
  startedAt(slot: number): number;
  endedAt(slot: number): number;
}
