/** The worker machines: whoever serves a queue runs its jobs on a thread Executor of its own. */

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
import { BELIEVED } from '../client/link.js';
import { defaults } from '../redis/check-options.js';
import { Heartbeat } from '../redis/heartbeat.js';
import {
  another,
  checkVersion,
  connect,
  describe,
  type Line,
  letGo,
  loadBullMQ,
  silenceOf,
  type Wanted,
  within,
} from '../redis/redis.js';
import { adviceOn, codeOf, isReply, oneLine } from '../redis/redis-error.js';
import { StreamReader } from '../redis/stream-reader.js';
import { argsFault, decodeArgs, type JobData, JobDataError, readJob, type TreeData } from '../wire/job-data.js';
import { JobNotes } from '../wire/job-notes.js';
import { keptEnds } from '../wire/kept-ends.js';
import { Keys } from '../wire/keys.js';
import { decodeMessages, type ToServer } from '../wire/messages.js';
import { Concurrency } from './concurrency.js';
import { JobEnds, type TakenOver } from './job-ends.js';
import { JobStarts, type Outcome } from './job-starts.js';
import { Leases } from './leases.js';
import { Notices } from './notices.js';
import { Outbox } from './outbox.js';
import { type Checked, checkServeOptions, type ServeOptions } from './serve-options.js';
import { REMEMBERED, ServedJobs } from './served-jobs.js';
import { type Failed, NOTHING, ServedTree } from './served-tree.js';

/** A machine that serves a queue. */
export interface TaskService extends AsyncDisposable {
  /** Of the threads; see `executor.events`. */
  readonly events: Observable<ExecutorEvent>;
  stats(): ExecutorStats;
  /**
   * Resolves when it is closed; rejected with a BrokenExecutorError where no thread can be started any more. It takes no new jobs then, and
   * those that it can't begin go back to the queue.
   */
  readonly closed: Promise<void>;
  /** Takes no new jobs, finishes those that it has, and lets go of Redis. */
  close(): Promise<void>;
  /** Cancels what it runs, at once; the futures of their clients are cancelled. */
  terminate(): Promise<void>;
}

/**
 * Serves a queue: takes jobs that executors with `bullmqBackend` have submitted, from any machine, and runs them on threads here. A crash, an
 * endless loop or a memory limit costs a task, never the service.
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
 * Resolves when it serves: Redis has answered, and a thread has loaded the module. It takes as many jobs at a time as it has places,
 * `maxWorkers` times `concurrency`. It keeps the process alive until it is closed.
 *
 * @throws TypeError, RangeError for wrong options (as a rejection); an Error where Redis can't be reached in time, and
 *   BrokenExecutorError where the module doesn't load
 */
export async function serveTasks(options: ServeOptions): Promise<TaskService> {
  const checked = checkServeOptions(options);
  const { Worker } = await loadBullMQ();
  // A third of lostAfter, so that a new connection can renew the locks before the machine counts as lost.
  const silence = silenceOf(checked.connection, Math.max(LEAST_SILENCE, checked.lostAfter / 3));
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

/** Shortest silence in ms, whatever `lostAfter` is: a reconnect is not worth its price if Redis is only slow. */
const LEAST_SILENCE = 1_000;
/** Longest block in ms of the XREAD that reads orders, and of the BZPOPMIN with which BullMQ waits for jobs. */
const BLOCK = 5_000;
const BLOCK_OF_BULLMQ = 10_000;
/** Time in ms without an answer after which a machine that terminates treats Redis as away. */
const TERMINATE = 1_000;

interface WithLocks {
  readonly lockManager: { close(): Promise<void> };
}

class Service implements TaskService {
  readonly #options: Checked;
  readonly #wanted: Wanted;
  readonly #line: Line;
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
  readonly #ends: JobEnds;
  #worker: Worker | undefined;
  #orders: StreamReader | undefined;
  #closing: Promise<void> | undefined;
  readonly #closed = settleLater();
  /** Connections that BullMQ has made of ours, and keeps to itself. */
  readonly #copies: Line[] = [];
  #terminatedAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(options: Checked, wanted: Wanted, line: Line) {
    const { redis } = line;
    this.#options = options;
    this.#wanted = wanted;
    this.#line = line;
    this.#redis = redis;
    this.#notices = new Notices(options.onEvent);
    this.#watch();
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (override) => {
      const copy = duplicate(override);
      // BullMQ removes its listener when it closes, and ioredis prints errors without a listener.
      copy.on('error', () => {});
      const heartbeat = new Heartbeat(copy, { silence: wanted.silence, block: BLOCK_OF_BULLMQ });
      this.#copies.push({ redis: copy, heartbeat });
      return copy;
    };
    this.#keys = new Keys(options.prefix, options.queue);
    this.#outbox = new Outbox(redis, this.#keys, options.engine.name, (error) => this.#troubled(error));
    this.#engine = new Engine(options.engine);
    this.#concurrency = new Concurrency(options.engine.maxWorkers * options.engine.config.concurrency);
    this.#server = new ServedJobs(this.#engine, this.#outbox, this.#concurrency, options.maxPayload);
    this.#starts = new JobStarts(options.engine.maxWorkers * options.engine.config.concurrency);
    this.#notes = new JobNotes(redis, this.#keys);
    this.#leases = new Leases(this.#notes, options);
    this.#ends = new JobEnds(redis, this.#keys, this.#server, this.#notes, options);
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
    // Orders that came before the jobs that they are for, or before this machine.
    const since = Math.max(0, wallClock() - REMEMBERED);
    const orders = await another(this.#redis, this.#wanted, BLOCK);
    orders.redis.on('end', () => this.#gaveUp());
    this.#orders = new StreamReader(orders, this.#keys.orders, `${since}-0`, BLOCK, (text) => this.#hear(text));
    this.#worker = new BullWorker(queue, (job: Job, token) => this.#run(job, token), {
      connection: this.#redis as never,
      prefix,
      name: engine.name,
      concurrency: engine.maxWorkers * engine.config.concurrency,
      lockDuration: lostAfter,
      stalledInterval: Math.ceil(lostAfter / 2),
      // The tasks of a lost job have different fates (lost.ts): BullMQ knows of none, and hands every job on.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#concurrency.open(this.#worker);
    // Errors of commands and connections. ioredis connects again by itself.
    this.#worker.on('error', (error) => this.#troubled(error));
    this.#worker.on('locksRenewed', ({ jobIds }) => this.#leases.renewed(jobIds));
    this.#worker.on('lockRenewalFailed', (jobIds) => this.#leases.lost(jobIds));
    this.#worker.on('stalled', (id) => void this.#stalled(id).catch(() => {}));
    this.#server.watchReaders(
      Math.min(BELIEVED, lostAfter) / 2,
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

  /** `TaskService { host-4711, queue pages, open }`: never the connection, which may hold a password. */
  toString(): string {
    const { name, queue, state } = this.toJSON();
    return `TaskService { ${name}, queue ${queue}, ${state} }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** A summary, for loggers. */
  toJSON(): { name: string; queue: string; state: ExecutorState } {
    return { name: this.#engine.name, queue: this.#options.queue, state: this.#engine.life.state };
  }

  async #close(): Promise<void> {
    const away = new AbortController();
    await Promise.race([this.#finish(), this.#awayForGood(away.signal)]);
    away.abort();
    this.#isClosed = true;
    this.#orders?.close();
    this.#server.close();
    this.#concurrency.close();
    // Where Redis is away its jobs count as lost by now, and there is nobody to tell how they end.
    if (this.#isAnswering()) await this.#engine.life.shutdown(false);
    else await this.#engine.life.terminate();
    this.#outbox.close();
    this.#notices.close();
    for (const line of [this.#line, ...this.#copies]) letGo(line);
    // BullMQ's own, where its close() is still waiting: it would renew locks, and keep the process, for ever.
    await (this.#worker as unknown as WithLocks | undefined)?.lockManager.close();
    this.#closed.resolve();
  }

  /** It takes no more, and waits for what it has. Every command in it waits for Redis, for as long as that is away. */
  async #finish(): Promise<void> {
    await this.#worker?.close();
    await this.#outbox.flushed();
  }

  /** Resolves when Redis has been away for so long that nothing here is of use any more: at once, where it was told to terminate. */
  async #awayForGood(signal: AbortSignal): Promise<void> {
    const { lostAfter } = this.#options;
    let since = performance.now();
    while (!signal.aborted) {
      if (this.#isAnswering()) since = performance.now();
      else if (this.#isTerminated || performance.now() - since > lostAfter) return;
      // A dead connection does not answer.
      if (this.#isTerminated && this.#redis.status === 'ready') this.#redis.ping().catch(() => {});
      await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
    }
  }

  get #isTerminated(): boolean {
    return this.#terminatedAt !== Number.POSITIVE_INFINITY;
  }

  /** True if Redis is there and accepts commands. A machine that terminates does not wait for a dead connection. */
  #isAnswering(): boolean {
    const { redis, heartbeat } = this.#line;
    if (redis.status !== 'ready' || this.#outbox.isHolding) return false;
    return heartbeat.quietFor < TERMINATE || performance.now() - this.#terminatedAt < TERMINATE;
  }

  #watch(): void {
    const where = `Redis at ${describe(this.#redis)}`;
    let isLost = false;
    this.#redis.on('error', (error) => this.#troubled(error));
    this.#redis.on('close', () => {
      if (isLost || this.#isClosed) return;
      isLost = true;
      this.#notices.publish('redis-lost', `${where}: the connection is lost, and is made again`);
    });
    this.#redis.on('ready', () => {
      if (!isLost) return;
      isLost = false;
      this.#notices.publish('redis-restored', `${where}: the connection is there again`);
    });
    this.#redis.on('end', () => this.#gaveUp());
  }

  /** Ends the machine after ioredis gave up a connection. Without it the machine would receive no jobs, or no orders. */
  #gaveUp(): void {
    if (this.#isClosed) return;
    const message = `Redis at ${describe(this.#redis)} is away, and retryStrategy of the connection gives up`;
    this.#notices.publish('redis-error', message, 'end');
    this.#closed.reject(new BrokenExecutorError(`${message}. Serve the queue again when Redis is there.`));
    void this.terminate();
  }

  /** Reports a refusal of Redis, a broken connection, or a job that BullMQ can't read. */
  #troubled(error: Error): void {
    if (this.#isClosed) return;
    const kind = codeOf(error);
    const what = `${oneLine(error.message) || kind}.${adviceOn(error)}`;
    if (isReply(error) || 'code' in error) {
      this.#notices.publish('redis-error', `Redis at ${describe(this.#redis)}: ${what}`, kind);
    } else if (error instanceof SyntaxError) {
      // The message of the SyntaxError quotes the data.
      this.#notices.publish('job-refused', 'a job is refused: its data is no JSON', kind);
    } else this.#notices.publish('redis-error', `the queue ${this.#options.queue}: ${what}`, kind);
  }

  /** What can't be begun here may be begun elsewhere. */
  async #giveBack(job: Job, token: string | undefined): Promise<never> {
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
      this.#leases.end(job.id!, token);
    }
  }

  /** @throws the error of a task that has failed, for whoever looks at the job in a dashboard */
  async #runHere(job: Job, token: string): Promise<void> {
    if (this.#engine.refusal() !== undefined) return this.#giveBack(job, token);
    const id = job.id!;
    const trees: (ServedTree | undefined)[] = [];
    let data: JobData;
    let before: TakenOver | undefined;
    let fault: Error | undefined;
    try {
      data = readJob(job.data);
      const { client, keep } = data;
      const isOneOfMany = data.trees.length > 1;
      const lease = this.#leases.take(id, token, () => {
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
      // A machine that was lost since, or has given it back, had it before.
      if (wasLost || job.attemptsStarted > 1) before = await this.#ends.takeOver(job, token, data);
      if (wasLost) this.#tellTakenOver(id, data, before!);
      if (!isOneOfMany) this.#outbox.took(id, client, keep);
    } catch (error) {
      if (error instanceof JobDataError) {
        this.#refused(job, error);
        await this.#ends.refuse(job, error);
      }
      throw error;
    }
    const failures: Failed[] = [];
    const start = (index: number, ended: (ms: number) => void): void => {
      const tree = trees[index];
      if (tree === undefined) ended(0);
      else {
        this.#server.run(tree, before ?? NOTHING, (failed) => {
          if (failed !== undefined) failures.push(failed);
          ended(tree.took);
        });
      }
    };
    const outcome =
      trees.length === 1
        ? await new Promise<Outcome>((resolve) => start(0, () => resolve('ended')))
        : await this.#starts.run({
            count: trees.length,
            noted: before?.started ?? 0,
            note: (started) => this.#outbox.start(id, token, started, data.client, data.keep),
            mayBegin: () => this.#engine.refusal() === undefined,
            start,
          });
    // On the connection that tells BullMQ of the job's end, and before that: whatever happens to this machine now, both are told or neither.
    await this.#outbox.sent();
    if (outcome === 'refused') return this.#giveBack(job, token);
    for (const { failure } of failures) if (failure instanceof TaskNotFoundError) this.#refused(job, failure);
    for (const { failure } of failures) throw failure instanceof Error ? failure : new Error(String(failure));
    if (fault !== undefined) throw fault;
  }

  #tellTakenOver(id: string, { trees }: JobData, { ends, lost }: TakenOver): void {
    if (lost > 0) this.#publishLost(id, lost);
    const runsHere = trees.some(({ nodes }) => nodes.some((node) => !ends.has(node.id)));
    if (runsHere) this.#notices.publish('job-taken-over', `the job ${id} was on a machine that is lost, and runs here`);
  }

  #publishLost(id: string, count: number): void {
    const what = `the job ${id} was on a machine that is lost: of its futures ${count} had begun, and are rejected`;
    this.#notices.publish('job-lost', what);
  }

  async #refuseLarge(job: Job, tree: TreeData, data: JobData, error: Error): Promise<void> {
    this.#refused(job, error);
    await this.#ends.refuseTree(tree, data, error);
  }

  #refused({ id }: Job, error: Error): void {
    this.#notices.publish('job-refused', `the job ${id} is refused: ${oneLine(error.message)}`, codeOf(error));
  }

  async #stalled(id: string): Promise<void> {
    const { Job } = await loadBullMQ();
    const job = await Job.fromId(this.#worker as never, id);
    const lost = job === undefined ? 0 : await this.#ends.stalled(job);
    if (lost > 0) this.#publishLost(id, lost);
  }

  #hear(text: string): void {
    for (const message of decodeMessages<ToServer>(text)) {
      try {
        if (!this.#server.follow(message) && message.type === 'watch') void this.#publishEnd(message).catch(() => {});
      } catch {
        // Anybody may write there: what makes no sense is no order.
      }
    }
  }

  /** Asked for by somebody who came too late to hear of it. */
  async #publishEnd({ id, client }: ToServer & { type: 'watch' }): Promise<void> {
    // Its end may be on its way to Redis.
    await this.#outbox.sent();
    const [end] = await keptEnds(this.#redis, this.#keys, [id]);
    if (end !== undefined) this.#outbox.say(client, defaults.keepResults, end);
  }
}

/** ms between two looks whether Redis is there, while it closes. */
const LOOK_EVERY = 100;

function settleLater() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  // Who doesn't ask need not hear.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
