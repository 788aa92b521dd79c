/**
 * The transport of a queue: the system that carries jobs and messages between clients and servers.
 * bullmq/ implements these interfaces with Redis. A queue on another system implements them too,
 * and uses backends/queue (the client) and serving (the server) as they are.
 *
 * Promises of every transport:
 *
 *   - An id of a job is added once. Adding it again does nothing.
 *   - Messages from one sender to one inbox arrive in their order, at least once.
 *   - The first stored outcome of a future stays.
 *   - One server at a time holds a job. A server that does not renew its claim for `lostAfter` ms
 *     loses the job, and another server claims it.
 *
 * A transport never decides what happens to a task. The client and the server do that. Both read
 * the same notes (`LostJobNotes`), so they decide alike.
 *
 * The file is long because it declares both sides of the port, with the promise of each method.
 */
import type { JobData, TreeData } from './job-data.js';
import type { LostJob, LostJobNotes, Rules } from './lost-jobs.js';
import type { Mail } from './mail.js';
import type { OutcomeMessage, ToServer } from './messages.js';
import type { OutcomeStore } from './outcomes.js';

/**
 * Time in ms without a sign of life after which a client counts as gone. Servers cancel streams
 * whose client is gone.
 */
export const ALIVE_TTL = 30_000;

// ── the client ───────────────────────────────────────────────────────────────────────────────────

/** The access of one executor to its queue. It outlives its connections. */
export interface ClientTransport {
  /** Id of the client, which names its inbox. */
  readonly client: string;
  /** Name of the queue, for messages. */
  readonly queue: string;
  /** Maximum size of the arguments of a task, in bytes. */
  readonly maxPayload: number;

  /** @throws Error if the queue can't be reached, or if `signal` is aborted */
  connect(listener: ClientListener, signal: AbortSignal): Promise<ClientConnection>;
}

export interface ClientListener {
  /** Called with each text from the inbox, which contains messages. */
  received(text: string): void;
  /** Called when the transport has given up the lost connection. */
  lost(error: Error): void;
  /** Called when a lost connection is restored. The queue may have lost its data. */
  reconnected(): void;
}

/** The connection of a client to its queue. It renews the client's sign of life. */
export interface ClientConnection extends OutcomeStore {
  /** False while the connection is lost. */
  readonly isReady: boolean;

  /** @throws Error if the jobs could not be added. Some of them may have been added */
  add(batches: readonly Batch[]): Promise<void>;

  /**
   * Ends a job that no server has claimed, and stores the outcomes of its futures, because no
   * server does. The queue may keep the job, as failed because of `why`. Does nothing if a server
   * has claimed the job.
   */
  cancel(job: string, outcomes: readonly OutcomeMessage[], why: string): Promise<void>;

  /** Returns the state of each future's job. */
  jobs(wanted: readonly FutureLookup[]): Promise<Map<number, JobState>>;

  /**
   * Sends an order to all servers.
   *
   * @throws Error if the queue refuses the order
   */
  order(order: ToServer): Promise<void>;

  /** Sends an order until the queue accepts it. Without its credit, a stream would wait forever. */
  orderUntilAccepted(order: ToServer): Promise<void>;

  /** Stores outcomes for `keep` ms. A future that has an outcome keeps it. */
  storeOutcomes(outcomes: readonly OutcomeMessage[], keep: number): Promise<void>;

  /**
   * Returns the job with its notes if its server is lost. Returns undefined for a job that waits
   * for its first server, or that a server holds.
   *
   * @throws JobDataError if this library has not written the job
   */
  findLost(job: string): Promise<LostJob | undefined>;

  /** Returns the rules that the servers have published; undefined if no server ever ran. */
  rules(): Promise<Rules | undefined>;

  /** Lets the notes of futures expire when an outcome would, because no server settles them. */
  expireNotes(ids: readonly number[]): Promise<void>;

  /** Returns the error for a task that the queue has not accepted. */
  refusal(error: unknown): Error;

  /**
   * Returns the error for a future whose job is finished or missing, and which has no outcome.
   * `wasMissingAtOnce` is true if its job was missing when the connection was restored.
   */
  explainMissing(state: JobState, wasMissingAtOnce: boolean): Error;

  /**
   * Closes the connection. Waits a short time for the replies in `writing`. Removes the inbox if
   * `isForGood`.
   */
  close(isForGood: boolean, writing?: readonly Promise<unknown>[]): Promise<void>;
}

/** Job trees that share a job. */
export interface Batch {
  readonly priority: number;
  readonly trees: readonly TreeData[];
}

/** The id of a future, and the id of its job if it is known. */
export interface FutureLookup {
  readonly id: number;
  readonly job: string | undefined;
}

/**
 * The state of a job on the queue. A server publishes the outcomes of a job's futures *before* it
 * completes the job. For a lost job, another server or a client publishes them *afterwards*.
 */
export interface JobState {
  readonly job: string;
  /**
   * True if the queue has a note of the future's job id. The job itself may not have been added
   * yet. Not looked up if the id of the job is known.
   */
  readonly isNoted: boolean;
  readonly state: 'awaited' | 'ended' | 'missing';
  /** True if a server has claimed the job, now or before. */
  readonly wasClaimed: boolean;
  /** The failure that the queue stored for the job. */
  readonly failure: string | undefined;
}

// ── the server ───────────────────────────────────────────────────────────────────────────────────

/** The connection of a server to its queue. It renews the claims of the server's jobs. */
export interface ServerConnection extends OutcomeStore {
  /** Name of the queue, for messages. */
  readonly queue: string;
  /** False while the connection is lost. */
  readonly isConnected: boolean;
  /** Time in ms since the queue last sent anything. */
  readonly quietFor: number;
  /** Resolves with an error if the transport gives up the connection. */
  readonly givenUp: Promise<Error>;

  /** Asks for a reply, so that `quietFor` reveals a dead connection. */
  probe(): void;

  publishRules(rules: Rules): Promise<void>;

  /** Starts to receive the orders that were sent after `since`, in ms since the epoch. */
  receiveOrders(since: number, received: (text: string) => void): Promise<void>;

  /** Starts to claim jobs, `concurrency` at a time. */
  receiveJobs(concurrency: number, listener: JobListener): JobIntake;

  /**
   * Sends mail to a client in one step. Returns for each start whether this server still holds the
   * job, so that its trees may start.
   *
   * @throws Error if the queue refuses the mail
   */
  publish(mail: Mail): Promise<readonly boolean[]>;

  /** Returns true if the queue may accept the same mail later. */
  isTemporary(error: unknown): boolean;

  /** Returns the notes about a job that was claimed before. */
  notesOf(job: string, data: JobData, timesLost: number): Promise<LostJobNotes>;

  /**
   * Notes that each of these futures uses one retry. Resolves with false if another server may have
   * the job.
   */
  noteRetries(job: string, token: string, ids: readonly number[]): Promise<boolean>;

  /**
   * Notes that `count` steps of a future have finished, and the value of the last one. Resolves
   * with false if another server may have the job.
   */
  noteStep(job: string, token: string, id: number, count: number, value: string): Promise<boolean>;

  /** Returns false if the client is gone. */
  isAlive(client: string): Promise<boolean>;

  /** Receives no more orders, and reports no more faults. The server is closing. */
  stopListening(): void;

  /** Closes the connection at once. */
  close(): Promise<void>;
}

export interface JobListener {
  /**
   * Runs a job. Rejects if a task has failed. The queue may store the error at the job, and must
   * not run the job again.
   */
  run(job: ClaimedJob): Promise<JobEnd>;
  /** Called when the claims of these jobs were renewed. */
  renewed(jobs: readonly string[]): void;
  /** Called when another server may have these jobs. */
  lost(jobs: readonly string[]): void;
  /** Called when the server of this job is lost, and the job waits for another server. */
  stalled(job: StalledJob): Promise<void>;
}

/** A returned job goes to another server. */
export type JobEnd = 'completed' | 'returned';

export interface StalledJob {
  readonly id: string;
  /** Unchecked data, because anyone may write to the queue. */
  readonly data: unknown;
  /** Number of times that the server of the job was lost. */
  readonly timesLost: number;
}

/** A job that this server holds. */
export interface ClaimedJob extends StalledJob {
  /** Proves that this server holds the job. */
  readonly token: string;
  /** True if a server has claimed the job before. */
  readonly wasClaimed: boolean;
  /** Undefined if the server reports nothing. */
  readonly report?: JobReport | undefined;
}

/**
 * Receives the data of a job for dashboards of the queue. The server calls only methods that are
 * there. The transport limits the size of the data, and the number of writes.
 */
export interface JobReport {
  /** Called with the line of a log. */
  log?(line: string): void;
  progress?(value: unknown): void;
  /** Called with the results of the last tasks of a job that is about to complete. */
  results?(values: readonly unknown[]): void;
}

/** Claims jobs for a server. */
export interface JobIntake {
  /** Number of jobs that run at a time. */
  concurrency: number;
  /** Claims jobs up to a higher concurrency, although none of the running jobs has ended. */
  fill(): void;
  /**
   * Resolves when the intake is connected to the queue. It claims jobs from then on.
   *
   * Rejects with an Error if the queue does not answer in time.
   */
  ready(): Promise<void>;
  /** Claims no more jobs. */
  pause(): Promise<void>;
  /** Claims no more jobs, and resolves when the running ones have ended. */
  close(): Promise<void>;
}
