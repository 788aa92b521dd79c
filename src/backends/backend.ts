/**
 * The port: everything that the scheduler needs from a backend. Threads (backends/threads), child
 * processes (backends/processes), workers that the program creates (backends/factory), web workers
 * (backends/web), the calling thread (backends/inline) and queues (backends/queue) implement it.
 * One conformance suite tests all of them.
 */
import type { LedgerPage } from '../protocol/ledger.js';
import type { FromWorker, SessionConfig, ToQueue, ToWorker } from '../protocol/messages.js';
import type { Transferable } from '../protocol/transfer.js';
import type { Ending } from './ending.js';

/** Creates workers. A backend belongs to one executor. */
export interface Backend {
  /** Name for errors and statistics. */
  readonly name: string;
  /** Differences from a backend whose workers run in this process or in its children. */
  readonly traits?: Partial<Traits>;
  /**
   * Starts a worker. Its messages are passed to `listener`, but never before this call has
   * returned.
   *
   * @throws any error that prevents the worker from being created. It counts as a failed start, and
   *   no worker may be left behind
   */
  open(config: SessionConfig, options: WorkerOptions, listener: SessionListener): Session;
}

/**
 * Abilities of a backend, and the work that it leaves to the executor. The core asks for a trait,
 * never for a particular backend.
 */
export interface Traits {
  /**
   * The executor starts, replaces and ends the workers. If false, one session accepts every job at
   * once, and the executor refuses the options of workers. Errors for users call such a backend a
   * queue, because all of them are queues.
   */
  readonly ownsWorkers: boolean;
  /**
   * Two workers can be linked by a MessagePort. Values of streams then flow between them, and not
   * through the main thread.
   */
  readonly linksWorkers: boolean;
  /** Workers read arguments that are sent as bytes or as JSON. */
  readonly sendsEncoded: boolean;
  /** Functions can be sent as source text. If false, tasks are exports of a task module. */
  readonly sendsFunctions: boolean;
  /** `maxWorkers * concurrency` is the number of tasks that can run at the same time. */
  readonly hasKnownCapacity: boolean;
  /**
   * Name of the task module in error messages, if the backend loads the module by itself. The
   * option `tasks` then has no effect.
   */
  readonly module: string | undefined;
  /** The workers need the name, priority, time limit and retries of each job. */
  readonly sendsJobOptions: boolean;
  /** The workers apply time limits. */
  readonly limitsTime: boolean;
  /** The workers apply retries whose settings are plain data. */
  readonly retries: boolean;
  /**
   * Returns an id for a future. If it is set, any client of the same queue finds a future by its id
   * (`attach`). The sessions then receive the messages of `ToQueue` as well.
   */
  readonly nextId: (() => number) | undefined;
}

const LOCAL: Traits = {
  ownsWorkers: true,
  linksWorkers: false,
  sendsEncoded: false,
  sendsFunctions: true,
  hasKnownCapacity: true,
  module: undefined,
  sendsJobOptions: false,
  limitsTime: false,
  retries: false,
  nextId: undefined,
};

export function traitsOf({ traits }: Backend): Traits {
  return traits === undefined ? LOCAL : { ...LOCAL, ...traits };
}

/** Options of a new thread or process. */
export interface WorkerOptions {
  /** Maximum sizes of the worker's heap, of its stack and of its generated code. */
  readonly resourceLimits?: ResourceLimits;
  /** Environment variables of the worker. Undefined: a copy of the variables of this process. */
  readonly env?: Record<string, string>;
  /** Arguments that are added to `process.argv` of the worker. */
  readonly argv?: readonly string[];
  /** Command-line options of Node for the worker. */
  readonly execArgv?: readonly string[];
  /** The value that `workerData` of `node:worker_threads` has in the worker. */
  readonly workerData?: unknown;
}

/**
 * Limits of a worker in MiB, as in Node's `worker_threads`. A worker that exceeds a limit of its
 * heap ends, and its tasks reject with a WorkerDiedError.
 */
export interface ResourceLimits {
  /** Maximum size of the heap. */
  readonly maxOldGenerationSizeMb?: number;
  /** Maximum size of the part of the heap that holds new objects. */
  readonly maxYoungGenerationSizeMb?: number;
  /** Size of the memory range for generated code. */
  readonly codeRangeSizeMb?: number;
  /** Maximum size of the stack of calls. Small values may lead to unusable threads. */
  readonly stackSizeMb?: number;
}

/**
 * The main thread's end of a session, which is the exchange of messages with one worker from its
 * start to its end.
 */
export interface Session {
  /** Id of the worker's thread, if it is a thread of this process. */
  readonly threadId: number | undefined;

  /**
   * Sends a message to the worker. Messages arrive in their order.
   *
   * @throws DataCloneError if the message can't be posted. Then nothing was posted
   */
  post(message: ToWorker | ToQueue, transfer?: readonly Transferable[]): void;

  /** The record of the jobs in flight to this worker. */
  readonly ledger: SessionLedger;

  /**
   * False if a posted job can't be revoked. Such a job counts as started, so jobs are posted only
   * when the worker can start them.
   */
  readonly canRevoke: boolean;

  /**
   * Returns the ms for which the event loop of the worker has waited for events. It does not grow
   * while code of the worker runs. Absent if it is not known.
   */
  idleTime?(): number;

  /**
   * A known reason for a late start of the worker, with advice. The error of a late start contains
   * both.
   */
  readonly missing?: { readonly reason: string; readonly advice: string } | undefined;

  /** Ends a worker that has no jobs. Its 'exit' listeners run. `listener.ended` follows. */
  end(): void;

  /** Ends the worker at once, even if it runs tasks. `listener.ended` follows. */
  kill(): void;
}

/** Receives what happens to a worker. The scheduler implements it. */
export interface SessionListener {
  /** Called with each message of the worker, in the order of the messages. */
  message(message: FromWorker): void;
  /**
   * Called last, after all messages of the worker. A job that has not been reported by now will
   * never be reported.
   */
  ended(ending: Ending): void;
}

/**
 * A fault of the program that kept a worker from starting. Each further worker would fail in the
 * same way, so the executor breaks at once. In the error for the user, the `message` follows the
 * name of the worker.
 */
export class StartFault extends Error {}

/** The main thread's side of the ledger (protocol/ledger.ts). */
export interface SessionLedger {
  /** Maximum number of jobs in flight. */
  readonly size: number;
  /** Increases the size. Returns memory that the worker must receive, if the ledger is shared. */
  extend(): LedgerPage | undefined;
  /** Marks a slot as unclaimed. Called before its job is posted. */
  open(slot: number): void;
  /** Prepares the slot of a stream. Called before its job is posted. */
  openCredit(slot: number): void;
  /**
   * Returns credit to the stream in a slot. Returns false if a message has to inform the worker.
   */
  addCredit(slot: number, count: number): boolean;
  /** Called when the upstream of the job in a slot has settled. */
  upstreamSettled(slot: number): void;
  /** Returns true if the job in a slot will never run on the worker. */
  revoke(slot: number): boolean;
  /**
   * Prevents a started job from starting its later steps, and shows its task that it was stopped.
   * Does nothing if no memory is shared. A message informs the worker then.
   */
  stop(slot: number): void;
  /**
   * Returns true if the running task has read whether it was stopped. Returns false if no memory is
   * shared.
   */
  hasReadCancel(slot: number): boolean;
  /** State of the slot's cell: a constant of protocol/ledger.ts. */
  stateOf(slot: number): number;
  /** Start of the job in a slot, in ms since the epoch. */
  startedAt(slot: number): number;
  /** End of the job in a slot, in ms since the epoch. */
  endedAt(slot: number): number;
}
