/**
 * A queue as a source of a dashboard. It knows what Redis knows: the counts of the queue, its
 * servers, and the jobs that end. The page reads the queue and changes nothing.
 *
 * The events of BullMQ count every job. The functions, times and failures come from jobs that are
 * read one by one, so only some jobs of each second are read.
 */
import type { Queue } from 'bullmq';
import { clearTimeout, now, type Timer } from '#platform/time';
import { after } from '#platform/timers';
import { FailureList } from '../../dashboard/executor/failure-list.js';
import { FunctionTable } from '../../dashboard/executor/function-table.js';
import { RunSample } from '../../dashboard/executor/run-sample.js';
import {
  type ActionName,
  type ActionResult,
  CANCELLED,
  type Counts,
  FAILED,
  type FailureRow,
  FULFILLED,
  type RunningRow,
  type SourceFrame,
  type WorkerRow,
} from '../../dashboard/frames.js';
import type { Source } from '../../dashboard/source.js';
import { REPORT_CANCELLED, REPORT_FULFILLED } from '../../protocol/messages.js';
import { type OutcomeMessage, payloadOf } from '../../protocol/queue/messages.js';
import { decodeError, type WireError } from '../../protocol/wire-error.js';
import { type BullMQ, loadBullMQ } from '../redis/packages.js';
import { connect, disconnect, type OpenConnection, silenceOf, within } from '../redis/redis.js';
import { Keys } from '../stored/keys.js';
import { JobEvents } from './job-events.js';
import { type EndedFuture, JobReader } from './job-reader.js';
import { runningRow, serverNameIn, serverRows } from './queue-rows.js';

export interface MonitorOptions {
  readonly connection: string;
  readonly queue: string;
  readonly prefix: string;
  readonly connectTimeout: number;
}

const POLL_MS = 500;
/** Jobs whose ends are read at each poll. Each costs three commands. */
const MAX_JOBS = 50;
const MAX_RUNNING = 50;
const SILENCE_MS = 10_000;

const REFUSAL = 'This page reads the queue from outside. Use a dashboard of the program that has submitted the task.';
const REFUSALS: Readonly<Partial<Record<ActionName, string>>> = {
  cancel: REFUSAL,
  pause: 'The servers of the queue decide when a task starts. Stop the servers.',
  resume: 'The servers of the queue decide when a task starts. Start servers.',
  'end-worker': 'The threads belong to the servers of the queue. Stop the server.',
  'terminate-worker': 'The threads belong to the servers of the queue. Stop the server.',
};

export class QueueSource implements Source {
  readonly name: string;
  readonly #connection: OpenConnection;
  readonly #queue: Queue;
  readonly #events: JobEvents;
  readonly #reader: JobReader;
  readonly #failures = new FailureList();
  #functions = new FunctionTable();
  #sample = new RunSample();
  #since = now();
  #timer: Timer | undefined;
  #isOpen = false;
  #jobs = { ended: 0, read: 0 };
  #state = 'open';
  #counts: Counts;
  #servers: WorkerRow[] = [];
  #running: RunningRow[] = [];

  /** @throws Error if Redis can't be reached in time, or a package is missing */
  static async connect(options: MonitorOptions): Promise<QueueSource> {
    const bullmq = await loadBullMQ();
    const silence = silenceOf(options.connection, SILENCE_MS);
    const connection = await connect({ ...options, silence, isKeptAlive: true });
    try {
      const source = new QueueSource(bullmq, connection, options);
      await within(options.connectTimeout, source.#queue.waitUntilReady());
      return source;
    } catch (error) {
      disconnect(connection);
      throw error;
    }
  }

  private constructor(bullmq: BullMQ, connection: OpenConnection, { queue, prefix }: MonitorOptions) {
    this.name = queue;
    this.#connection = connection;
    this.#queue = new bullmq.Queue(queue, { connection: connection.redis as never, prefix });
    // ioredis connects again by itself, and the page shows that Redis does not answer.
    this.#queue.on('error', () => {});
    const keys = new Keys(prefix, queue);
    this.#events = new JobEvents(connection.redis, keys);
    this.#reader = new JobReader(connection.redis, keys);
    this.#counts = { ...NOTHING };
  }

  get failures(): readonly FailureRow[] {
    return this.#failures.kept;
  }

  open(): void {
    this.#isOpen = true;
    this.#functions = new FunctionTable();
    this.#sample = new RunSample();
    this.#since = now();
    this.#events.skip();
    this.#jobs = { ended: 0, read: 0 };
    this.#counts = { ...NOTHING };
    void this.#poll();
  }

  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
  }

  frame(isFull: boolean): SourceFrame {
    return {
      state: this.#state,
      counts: this.#counts,
      runs: this.#sample.take(now()),
      workers: this.#servers,
      running: this.#running,
      failures: this.#failures.take(),
      refusals: REFUSALS,
      ...(isFull && {
        tables: {
          since: this.#since,
          note: `Read from ${this.#jobs.read} of the ${this.#jobs.ended} jobs that have ended since the page was opened. A job may contain several tasks.`,
          functions: this.#functions.rows(),
          actors: [],
          shared: [],
        },
      }),
    };
  }

  act(): ActionResult {
    return { ok: false, message: REFUSAL };
  }

  async dispose(): Promise<void> {
    this.close();
    await this.#queue.close().catch(() => {});
    disconnect(this.#connection);
  }

  async #poll(): Promise<void> {
    try {
      await this.#read();
      this.#state = 'open';
    } catch {
      this.#state = 'Redis does not answer';
    }
    if (this.#isOpen) this.#timer = after(POLL_MS, () => void this.#poll());
  }

  async #read(): Promise<void> {
    const ended = await this.#events.ended();
    this.#jobs.ended += ended.length;
    const [counts, claimed, servers, isPaused] = await Promise.all([
      this.#queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active'),
      this.#reader.claimed(MAX_RUNNING),
      this.#queue.getWorkers(),
      this.#queue.isPaused(),
    ]);
    const { waiting = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
    const futures = await this.#reader.futuresOf(ended.slice(0, MAX_JOBS));
    this.#jobs.read += Math.min(MAX_JOBS, ended.length);
    for (const future of futures) this.#ended(future);
    const queued = waiting + prioritized + delayed;
    this.#counts = {
      ...this.#counts,
      submitted: queued + active + this.#jobs.ended,
      fulfilled: this.#jobs.ended - this.#counts.rejected - this.#counts.cancelled,
      ...{ pending: queued + active, queued, running: active, isPaused },
    };
    this.#running = claimed.map(runningRow);
    this.#servers = serverRows(
      servers.map(({ rawname = '' }) => serverNameIn(rawname)),
      claimed,
    );
  }

  #ended({ node, upstream = 0, server, addedAt, outcome }: EndedFuture): void {
    const { id, name, attempt } = node;
    const row = this.#functions.of(name);
    row.known++;
    if (outcome === undefined) {
      row.fulfilled++;
      return;
    }
    const { started: startedAt, ended: endedAt } = outcome;
    const status = statusOf(outcome);
    if (status === FULFILLED) row.fulfilled++;
    else if (status === CANCELLED) row.cancelled++;
    else this.#failed({ id, name, attempt, worker: server, outcome });
    this.#counts = {
      ...this.#counts,
      rejected: this.#counts.rejected + (status === FAILED ? 1 : 0),
      cancelled: this.#counts.cancelled + (status === CANCELLED ? 1 : 0),
    };
    if (outcome.skipped === true) return;
    const waited = Math.max(0, startedAt - addedAt);
    row.run.add(Math.max(0, endedAt - startedAt));
    row.wait.add(waited);
    const root = this.#sample.choose(id, upstream);
    if (root !== -1)
      this.#sample.add({ id, name, worker: server, startedAt, endedAt, attempt, waited, upstream, status }, root);
  }

  #failed(task: { id: number; name: string; attempt: number; worker: string; outcome: OutcomeMessage }): void {
    this.#functions.of(task.name).rejected++;
    // The futures after a failed one have the same error.
    if (task.outcome.skipped === true) return;
    const error = payloadOf(task.outcome)?.value as WireError | undefined;
    if (error !== undefined) this.#failures.add({ ...task, error: decodeError(error) });
  }
}

const NOTHING: Counts = {
  ...{ submitted: 0, fulfilled: 0, rejected: 0, cancelled: 0, retried: 0 },
  ...{ pending: 0, queued: 0, running: 0, lingering: 0, isPaused: false },
};

function statusOf({ kind }: OutcomeMessage): number {
  if (kind === REPORT_FULFILLED) return FULFILLED;
  return kind === REPORT_CANCELLED ? CANCELLED : FAILED;
}
