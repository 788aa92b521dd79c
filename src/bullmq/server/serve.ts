/** `serveTasks()`: a server, which runs the jobs of a queue on worker threads of its own. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Observable } from 'rxjs';
import { Engine } from '../../engine/engine.js';
import type { ExecutorState } from '../../engine/life-cycle/life-cycle.js';
import type { ExecutorEvent } from '../../engine/observe/events.js';
import { type ExecutorStats, statsOf } from '../../engine/observe/stats.js';
import { BrokenExecutorError, TaskNotFoundError } from '../../errors.js';
import { performance, wallClock } from '../../platform/time.js';
import { ALIVE_TTL } from '../client/link.js';
import { defaults } from '../redis/check-options.js';
import { Heartbeat } from '../redis/heartbeat.js';
import {
  type ConnectOptions,
  checkVersion,
  connect,
  connectCopy,
  describe,
  disconnect,
  loadBullMQ,
  type OpenConnection,
  silenceOf,
  within,
} from '../redis/redis.js';
import { adviceOn, codeOf, isReply, oneLine } from '../redis/redis-error.js';
import { StreamReader } from '../redis/stream-reader.js';
import { argsFault, decodeArgs, type JobData, JobDataError, readJob, type TreeData } from '../wire/job-data.js';
import { JobNotes } from '../wire/job-notes.js';
import { Keys } from '../wire/keys.js';
import { decodeMessages, type ToServer } from '../wire/messages.js';
import { storedOutcomes } from '../wire/stored-outcomes.js';
import { Concurrency } from './concurrency.js';
import { JobOutcomes, type TakenOver } from './job-outcomes.js';
import { JobStarts, type RunResult } from './job-starts.js';
import { Leases } from './leases.js';
import { Notices } from './notices.js';
import { Outbox } from './outbox.js';
import { type Checked, checkServeOptions, type ServeOptions } from './serve-options.js';
import { ORDER_TTL, ServedJobs } from './served-jobs.js';
import type { Failed } from './served-outcome.js';
import { NO_PREVIOUS_RUN, ServedTree } from './served-tree.js';

/** A running server of a queue. */
export interface TaskService extends AsyncDisposable {
  /** Events of the worker threads; see `executor.events`. */
  readonly events: Observable<ExecutorEvent>;
  stats(): ExecutorStats;
  /**
   * Resolves when the server has closed. Rejects with a BrokenExecutorError if no thread can be
   * started any more. The server then accepts no new jobs, and returns the jobs that it can't start
   * to the queue.
   */
  readonly closed: Promise<void>;
  /** Accepts no new jobs, finishes the jobs that it has, and closes its connections to Redis. */
  close(): Promise<void>;
  /** Cancels all running tasks at once. The futures of their clients are cancelled too. */
  terminate(): Promise<void>;
}

/**
 * Serves a queue: runs the jobs that executors with `bullmqBackend` have submitted, on threads of
 * this process. A crash, an endless loop or a memory limit costs a task, but never the service.
 *
 * ```ts no-run: it needs Redis
 * import { serveTasks } from 'rx-futures/bullmq';
 *
 * const service = await serveTasks({
 *   connection: 'redis://localhost:6379',
 *   queue: 'pages',
 *   tasks: new URL('./tasks.js', import.meta.url),
 *   maxWorkers: 4,
 * });
 * process.once('SIGTERM', () => service.close());
 * ```
 *
 * Resolves when Redis has answered and a thread has loaded the task module. Runs up to `maxWorkers`
 * times `concurrency` jobs at a time. Keeps the process alive until it is closed.
 *
 * @throws (as a rejection) TypeError, RangeError if an option is invalid. Error if Redis can't be
 *   reached in time. BrokenExecutorError if the task module can't be loaded
 */
export async function serveTasks(options: ServeOptions): Promise<TaskService> {
  const checked = checkServeOptions(options);
  const { Worker } = await loadBullMQ();
  // A third of lostAfter, so that a new connection can renew the locks before the server counts as
  // lost.
  const silence = silenceOf(checked.connection, Math.max(MIN_SILENCE, checked.lostAfter / 3));
  const wanted = { ...checked, silence, isKeptAlive: true };
  const service = new Service(checked, wanted, await connect(wanted));
  try {
    await service.start(Worker);
    return service;
  } catch (error) {
    await service.terminate();
    throw error;
  }
}

/**
 * Minimum silence in ms, whatever `lostAfter` is. A reconnect is not worth its cost if Redis is
 * only slow.
 */
const MIN_SILENCE = 1_000;
/** Maximum time in ms for which the XREAD of the orders blocks, and BullMQ's BZPOPMIN for jobs. */
const MAX_BLOCK = 5_000;
const MAX_BULLMQ_BLOCK = 10_000;
/** Time in ms without a reply after which a terminating server treats Redis as unreachable. */
const TERMINATE_TIMEOUT = 1_000;

interface WithLocks {
  readonly lockManager: { close(): Promise<void> };
}

class Service implements TaskService {
  readonly #options: Checked;
  readonly #wanted: ConnectOptions;
  readonly #connection: OpenConnection;
  readonly #redis: Redis;
  readonly #notices: Notices;
  readonly #keys: Keys;
  readonly #server: ServedJobs;
  readonly #outbox: Outbox;
  readonly #concurrency: Concurrency;
  readonly #engine: Engine;
  readonly #notes: JobNotes;
  readonly #starts: JobStarts;
  readonly #leases: Leases;
  readonly #outcomes: JobOutcomes;
  #worker: Worker | undefined;
  #orders: StreamReader | undefined;
  #closing: Promise<void> | undefined;
  readonly #closed = settleLater();
  /** Copies of the connection that BullMQ has made. BullMQ does not return them. */
  readonly #copies: OpenConnection[] = [];
  #terminatedAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(options: Checked, wanted: ConnectOptions, connection: OpenConnection) {
    const { redis } = connection;
    this.#options = options;
    this.#wanted = wanted;
    this.#connection = connection;
    this.#redis = redis;
    this.#notices = new Notices(options.onEvent);
    this.#watch();
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (override) => {
      const copy = duplicate(override);
      // BullMQ removes its listener when it closes, and ioredis prints errors without a listener.
      copy.on('error', () => {});
      const heartbeat = new Heartbeat(copy, { silence: wanted.silence, block: MAX_BULLMQ_BLOCK });
      this.#copies.push({ redis: copy, heartbeat });
      return copy;
    };
    this.#keys = new Keys(options.prefix, options.queue);
    this.#outbox = new Outbox(redis, this.#keys, options.engine.name, (error) => this.#reportError(error));
    this.#engine = new Engine(options.engine);
    this.#concurrency = new Concurrency(options.engine.maxWorkers * options.engine.config.concurrency);
    this.#server = new ServedJobs(this.#engine, this.#outbox, this.#concurrency, options.maxPayload);
    this.#starts = new JobStarts(options.engine.maxWorkers * options.engine.config.concurrency);
    this.#notes = new JobNotes(redis, this.#keys);
    this.#leases = new Leases(this.#notes, options);
    this.#outcomes = new JobOutcomes(redis, this.#keys, this.#server, this.#notes, options);
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get events(): Observable<ExecutorEvent> {
    return this.#engine.events.events;
  }

  stats(): ExecutorStats {
    return statsOf(this.#engine);
  }

  async start(BullWorker: typeof Worker): Promise<void> {
    const { queue, prefix, lostAfter, rerunLost, engine } = this.#options;
    await this.#engine.life.ready();
    await this.#notes.publish({ lostAfter, rerunLost });
    // Starts in the past, for orders that arrived before their jobs, or before this server started.
    const since = Math.max(0, wallClock() - ORDER_TTL);
    const orders = await connectCopy(this.#redis, this.#wanted, MAX_BLOCK);
    orders.redis.on('end', () => this.#gaveUp());
    this.#orders = new StreamReader(orders, this.#keys.orders, `${since}-0`, MAX_BLOCK, (text) => this.#receive(text));
    this.#worker = new BullWorker(queue, (job: Job, token) => this.#run(job, token), {
      connection: this.#redis as never,
      prefix,
      name: engine.name,
      concurrency: engine.maxWorkers * engine.config.concurrency,
      lockDuration: lostAfter,
      stalledInterval: Math.ceil(lostAfter / 2),
      // The tasks of a lost job can have different fates (wire/lost-jobs.ts). BullMQ does not know
      // them, so it must pass on every job.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#concurrency.open(this.#worker);
    // Errors of commands and connections. ioredis connects again by itself.
    this.#worker.on('error', (error) => this.#reportError(error));
    this.#worker.on('locksRenewed', ({ jobIds }) => this.#leases.renewed(jobIds));
    this.#worker.on('lockRenewalFailed', (jobIds) => this.#leases.lost(jobIds));
    this.#worker.on('stalled', (id) => void this.#stalled(id).catch(() => {}));
    this.#server.watchReaders(
      Math.min(ALIVE_TTL, lostAfter) / 2,
      async (client) => (await this.#redis.exists(this.#keys.alive(client))) > 0,
    );
    await within(this.#options.connectTimeout, this.#worker.waitUntilReady());
    checkVersion(this.#redis, this.#worker);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async terminate(): Promise<void> {
    this.#terminatedAt = Math.min(this.#terminatedAt, performance.now());
    await this.#engine.life.terminate();
    await this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Returns `TaskService { host-4711, queue pages, open }`. The connection is left out, because it
   * may contain a password.
   */
  toString(): string {
    const { name, queue, state } = this.toJSON();
    return `TaskService { ${name}, queue ${queue}, ${state} }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Returns a summary for loggers. */
  toJSON(): { name: string; queue: string; state: ExecutorState } {
    return { name: this.#engine.name, queue: this.#options.queue, state: this.#engine.life.state };
  }

  async #close(): Promise<void> {
    const waiting = new AbortController();
    await Promise.race([this.#finish(), this.#unreachableForGood(waiting.signal)]);
    waiting.abort();
    this.#isClosed = true;
    this.#orders?.close();
    this.#server.close();
    this.#concurrency.close();
    // If Redis is unreachable, the jobs of this server count as lost by now, and their outcomes
    // can't be sent.
    if (this.#isAnswering()) await this.#engine.life.shutdown(false);
    else await this.#engine.life.terminate();
    this.#outbox.close();
    this.#notices.close();
    for (const connection of [this.#connection, ...this.#copies]) disconnect(connection);
    // If BullMQ's close() is still waiting, its lock manager would renew locks and keep the process
    // alive forever.
    await (this.#worker as unknown as WithLocks | undefined)?.lockManager.close();
    this.#closed.resolve();
  }

  /**
   * Stops fetching jobs and waits for the running ones. Its commands wait for as long as Redis is
   * unreachable.
   */
  async #finish(): Promise<void> {
    await this.#worker?.close();
    await this.#outbox.flushed();
  }

  /**
   * Resolves when Redis has been unreachable for so long that all jobs here are lost. If the server
   * terminates, it resolves as soon as Redis is unreachable.
   */
  async #unreachableForGood(signal: AbortSignal): Promise<void> {
    const { lostAfter } = this.#options;
    let since = performance.now();
    while (!signal.aborted) {
      if (this.#isAnswering()) since = performance.now();
      else if (this.#isTerminated || performance.now() - since > lostAfter) return;
      // A dead connection is detected by a PING without a reply.
      if (this.#isTerminated && this.#redis.status === 'ready') this.#redis.ping().catch(() => {});
      await sleep(CHECK_INTERVAL, undefined, { signal }).catch(() => {});
    }
  }

  get #isTerminated(): boolean {
    return this.#terminatedAt !== Number.POSITIVE_INFINITY;
  }

  /**
   * True if Redis is reachable and accepts commands. A terminating server does not wait for a dead
   * connection.
   */
  #isAnswering(): boolean {
    const { redis, heartbeat } = this.#connection;
    if (redis.status !== 'ready' || this.#outbox.isHolding) return false;
    return heartbeat.quietFor < TERMINATE_TIMEOUT || performance.now() - this.#terminatedAt < TERMINATE_TIMEOUT;
  }

  #watch(): void {
    const where = `Redis at ${describe(this.#redis)}`;
    let isLost = false;
    this.#redis.on('error', (error) => this.#reportError(error));
    this.#redis.on('close', () => {
      if (isLost || this.#isClosed) return;
      isLost = true;
      this.#notices.publish('redis-lost', `${where}: the connection was lost. Reconnecting`);
    });
    this.#redis.on('ready', () => {
      if (!isLost) return;
      isLost = false;
      this.#notices.publish('redis-restored', `${where}: the connection was restored`);
    });
    this.#redis.on('end', () => this.#gaveUp());
  }

  /**
   * Closes the server after ioredis gave up a connection: it would receive no jobs, or no orders.
   */
  #gaveUp(): void {
    if (this.#isClosed) return;
    const message = `Redis at ${describe(this.#redis)} is unreachable, and retryStrategy ended the attempts to reconnect`;
    this.#notices.publish('redis-error', message, 'end');
    this.#closed.reject(new BrokenExecutorError(`${message}. Call serveTasks() again when Redis is reachable.`));
    void this.terminate();
  }

  /** Reports a refusal of Redis, a broken connection, or a job that BullMQ can't read. */
  #reportError(error: Error): void {
    if (this.#isClosed) return;
    const kind = codeOf(error);
    const what = `${oneLine(error.message) || kind}.${adviceOn(error)}`;
    if (isReply(error) || 'code' in error) {
      this.#notices.publish('redis-error', `Redis at ${describe(this.#redis)}: ${what}`, kind);
    } else if (error instanceof SyntaxError) {
      // The text is our own, because the message of a SyntaxError quotes the data.
      this.#notices.publish('job-refused', 'rejected a job: its data is not valid JSON', kind);
    } else this.#notices.publish('redis-error', `queue "${this.#options.queue}": ${what}`, kind);
  }

  /** Returns a job to the queue, because this server can't start it but another one may. */
  async #returnJob(job: Job, token: string | undefined): Promise<never> {
    const { WaitingError } = await loadBullMQ();
    if (this.#engine.life.state === 'broken') {
      this.#closed.reject(this.#engine.refusal()!);
      await this.#worker?.pause(true);
    }
    await job.moveToWait(token);
    throw new WaitingError();
  }

  async #run(job: Job, token = ''): Promise<void> {
    try {
      await this.#runHere(job, token);
    } finally {
      this.#leases.release(job.id!, token);
    }
  }

  /** @throws the error of a failed task, so that dashboards show it at the job */
  async #runHere(job: Job, token: string): Promise<void> {
    if (this.#engine.refusal() !== undefined) return this.#returnJob(job, token);
    const id = job.id!;
    const trees: (ServedTree | undefined)[] = [];
    let data: JobData;
    let before: TakenOver | undefined;
    let fault: Error | undefined;
    try {
      data = readJob(job.data);
      const { client, keep } = data;
      const isOneOfMany = data.trees.length > 1;
      const lease = this.#leases.claim(id, token, () => {
        for (const tree of trees) tree?.lose();
      });
      for (const tree of data.trees) {
        const large = argsFault(tree, this.#options.maxPayload, this.#options.engine.name);
        if (large !== undefined) await this.#refuseLarge(job, tree, data, large);
        fault ??= large;
        const served = { ...tree, client, keep, isOneOfMany, lease };
        trees.push(large === undefined ? new ServedTree(served, decodeArgs(tree, client), this.#server) : undefined);
      }
      const wasLost = (job.stalledCounter ?? 0) > 0;
      // Another server had the job before. It was lost, or returned the job.
      if (wasLost || job.attemptsStarted > 1) before = await this.#outcomes.takeOver(job, token, data);
      if (wasLost) this.#publishTakenOver(id, data, before!);
      if (!isOneOfMany) this.#outbox.noteServer(id, client, keep);
    } catch (error) {
      if (error instanceof JobDataError) {
        this.#refused(job, error);
        await this.#outcomes.refuse(job, error);
      }
      throw error;
    }
    const failures: Failed[] = [];
    const start = (index: number, ended: (ms: number) => void): void => {
      const tree = trees[index];
      if (tree === undefined) ended(0);
      else {
        this.#server.run(tree, before ?? NO_PREVIOUS_RUN, (failed) => {
          if (failed !== undefined) failures.push(failed);
          ended(tree.runTime);
        });
      }
    };
    const outcome =
      trees.length === 1
        ? await new Promise<RunResult>((resolve) => start(0, () => resolve('ended')))
        : await this.#starts.run({
            count: trees.length,
            noted: before?.started ?? 0,
            note: (started) => this.#outbox.noteStarted(id, token, started, data.client, data.keep),
            mayStart: () => this.#engine.refusal() === undefined,
            start,
          });
    // The outcomes go out on the connection on which BullMQ completes the job, and before that. If
    // this server fails now, Redis receives both or neither.
    await this.#outbox.sent();
    if (outcome === 'refused') return this.#returnJob(job, token);
    for (const { failure } of failures) if (failure instanceof TaskNotFoundError) this.#refused(job, failure);
    for (const { failure } of failures) throw failure instanceof Error ? failure : new Error(String(failure));
    if (fault !== undefined) throw fault;
  }

  #publishTakenOver(id: string, { trees }: JobData, { outcomes, lost }: TakenOver): void {
    if (lost > 0) this.#publishLost(id, lost);
    const runsHere = trees.some(({ nodes }) => nodes.some((node) => !outcomes.has(node.id)));
    if (runsHere) this.#notices.publish('job-taken-over', `took over job "${id}", whose server was lost`);
  }

  #publishLost(id: string, count: number): void {
    const futures = count === 1 ? 'future' : 'futures';
    const what = `rejected ${count} started ${futures} of job "${id}", whose server was lost`;
    this.#notices.publish('job-lost', what);
  }

  async #refuseLarge(job: Job, tree: TreeData, data: JobData, error: Error): Promise<void> {
    this.#refused(job, error);
    await this.#outcomes.refuseTree(tree, data, error);
  }

  #refused({ id }: Job, error: Error): void {
    this.#notices.publish('job-refused', `rejected job "${id}": ${oneLine(error.message)}`, codeOf(error));
  }

  async #stalled(id: string): Promise<void> {
    const { Job } = await loadBullMQ();
    const job = await Job.fromId(this.#worker as never, id);
    const lost = job === undefined ? 0 : await this.#outcomes.stalled(job);
    if (lost > 0) this.#publishLost(id, lost);
  }

  #receive(text: string): void {
    for (const message of decodeMessages<ToServer>(text)) {
      try {
        if (!this.#server.handle(message) && message.type === 'watch')
          void this.#publishStoredOutcome(message).catch(() => {});
      } catch {
        // Invalid orders are ignored, because anyone may write to Redis.
      }
    }
  }

  /** Sends a stored outcome to a client that attached after the future had settled. */
  async #publishStoredOutcome({ id, client }: ToServer & { type: 'watch' }): Promise<void> {
    // The outcome may still be on its way to Redis.
    await this.#outbox.sent();
    const [end] = await storedOutcomes(this.#redis, this.#keys, [id]);
    if (end !== undefined) this.#outbox.publish(client, defaults.keepResults, end);
  }
}

/** Interval in ms at which a closing server checks whether Redis is reachable. */
const CHECK_INTERVAL = 100;

function settleLater() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  // Awaiting the promise is optional, so a rejection must not be reported as unhandled.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
