/** The worker machines: whoever serves a queue runs its jobs on a thread Executor of its own. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Observable } from 'rxjs';
import { checkNames, show } from '../check.js';
import { WorkerDiedError } from '../errors.js';
import { type ExecutorOptions, resolveOptions } from '../options.js';
import { FULFILLED, REJECTED } from '../protocol/messages.js';
import { Engine } from '../task/engine.js';
import type { ExecutorEvent } from '../task/events.js';
import { type ExecutorStats, statsOf } from '../task/stats.js';
import { checkInteger, checkPlace, defaults, withoutUndefined } from './check-options.js';
import { BELIEVED } from './client-link.js';
import { Keys } from './keys.js';
import { Machine } from './machine.js';
import { MACHINE, Outbox } from './outbox.js';
import { Places } from './places.js';
import { decodeArgs, idsIn, type JobData, type LegData, PlanError, readJob } from './plan.js';
import { another, connect, loadBullMQ, type RedisConnection } from './redis.js';
import { errorBytes, ServedPlan } from './served-plan.js';
import { StreamReader } from './stream-reader.js';
import { decodeWords, type End, type Order } from './words.js';

/** Options of the threads, and where the queue is. Times are in milliseconds. */
export interface ServeOptions
  extends Omit<ExecutorOptions, 'backend' | 'maxQueue' | 'captureStacks' | 'errorClasses' | 'onUnobservedError'> {
  /** Where Redis is: a URL, options of ioredis, or a connection of ioredis (which is copied, and stays yours). */
  readonly connection: RedisConnection;
  readonly queue: string;
  /** The module whose exports are the tasks. What a job names is looked up there, and nowhere else. */
  readonly tasks: URL | string;
  /**
   * Of BullMQ's keys.
   * @default 'bull'
   */
  readonly prefix?: string;
  /**
   * Bytes that the arguments or the result of a task may have; what is more is refused.
   * @default 16 MiB
   */
  readonly maxPayload?: number;
  /**
   * ms in which Redis has to answer at the start.
   * @default 10_000
   */
  readonly connectTimeout?: number;
  /**
   * ms without a sign of life after which a machine counts as lost, as the others see it. All machines of a queue should have the same.
   * @default 30_000
   */
  readonly lostAfter?: number;
  /**
   * How often a job is run again whose machine was lost. 0: never, its tasks are rejected with a WorkerDiedError, since they may have done
   * anything. More: the steps of its chain that had ended are not repeated, the one that was running is; a stream never is, since what
   * was read can't be taken back. All machines should have the same.
   * @default 0
   */
  readonly rerunLost?: number;
}

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

const own = ['connection', 'queue', 'prefix', 'maxPayload', 'connectTimeout', 'lostAfter', 'rerunLost'] as const;
const refused = ['backend', 'maxQueue', 'captureStacks', 'errorClasses', 'onUnobservedError'] as const;

/**
 * Serves a queue: takes jobs that executors with `bullmqBackend` have submitted, from any machine, and runs them on threads here. A crash, an
 * endless loop or a memory limit costs a task, never the service.
 *
 * ```ts
 * const service = await serveTasks({
 *   connection: 'redis://localhost:6379', queue: 'pages',
 *   tasks: new URL('./tasks.js', import.meta.url), maxWorkers: 4,
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
  const redis = await connect({ ...checked, isKeptAlive: true });
  const service = new Service(checked, redis);
  try {
    await service.start(Worker);
    return service;
  } catch (error) {
    await service.terminate();
    throw error;
  }
}

type Checked = ReturnType<typeof checkServeOptions>;

function checkServeOptions(options: ServeOptions) {
  const where = 'serveTasks()';
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: expected an object of options, got ${show(options)}`);
  }
  const wrong = refused.find((name) => name in options);
  if (wrong !== undefined)
    throw new TypeError(`${where}: ${wrong}: is for the executor of a client, not for a worker.`);
  checkPlace(options, where);
  if (options.tasks === undefined) throw new TypeError(`${where}: tasks: expected the task module, its URL or path`);
  for (const name of ['maxPayload', 'connectTimeout', 'lostAfter'] as const) checkInteger(options[name], name, where);
  checkInteger(options.rerunLost, 'rerunLost', where, 0);
  const entries = Object.entries(options);
  const threads = Object.fromEntries(entries.filter(([name]) => !(own as readonly string[]).includes(name)));
  const rest = Object.fromEntries(entries.filter(([name]) => (own as readonly string[]).includes(name)));
  checkNames(rest, own, where);
  const { prefix, maxPayload, connectTimeout } = defaults;
  return {
    ...{ prefix, maxPayload, connectTimeout, lostAfter: 30_000, rerunLost: 0 },
    ...(withoutUndefined(rest) as Pick<ServeOptions, 'connection' | 'queue'>),
    engine: resolveOptions({
      ...threads,
      name: options.name ?? `${hostname()}-${process.pid}`,
      onUnobservedError: () => {},
    }),
  };
}

interface WithLocks {
  readonly lockManager: { close(): Promise<void> };
}

class Service implements TaskService {
  readonly #options: Checked;
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #machine: Machine;
  readonly #outbox: Outbox;
  readonly #places: Places;
  readonly #engine: Engine;
  #worker: Worker | undefined;
  #orders: StreamReader | undefined;
  #closing: Promise<void> | undefined;
  readonly #closed = settleLater();
  /** Connections that BullMQ has made of ours, and keeps to itself. */
  readonly #copies: Redis[] = [];
  #isTerminated = false;

  constructor(options: Checked, redis: Redis) {
    this.#options = options;
    this.#redis = redis;
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (override) => {
      const copy = duplicate(override);
      this.#copies.push(copy);
      return copy;
    };
    this.#keys = new Keys(options.prefix, options.queue);
    this.#outbox = new Outbox(redis, this.#keys, options.engine.name);
    this.#engine = new Engine(options.engine);
    this.#places = new Places(options.engine.maxWorkers * options.engine.config.concurrency);
    this.#machine = new Machine(this.#engine, this.#outbox, this.#places, options.maxPayload);
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
    // Orders that came before the jobs that they are for, or before this machine.
    const since = Math.max(0, Date.now() - REMEMBERED);
    const orders = await another(this.#redis, true);
    this.#orders = new StreamReader(orders, this.#keys.orders, `${since}-0`, (text) => this.#hear(text));
    this.#worker = new BullWorker(queue, (job: Job, token) => this.#run(job, token), {
      connection: this.#redis as never,
      prefix,
      name: engine.name,
      concurrency: engine.maxWorkers * engine.config.concurrency,
      lockDuration: lostAfter,
      stalledInterval: Math.ceil(lostAfter / 2),
      maxStalledCount: rerunLost,
    });
    this.#places.open(this.#worker);
    // Of its connections, which find Redis again by themselves.
    this.#worker.on('error', () => {});
    this.#worker.on('failed', (job, error) => {
      if (job !== undefined && error.name === 'UnrecoverableError') void this.#lost(job).catch(() => {});
    });
    this.#worker.on('stalled', (id) => void this.#stalled(id).catch(() => {}));
    this.#machine.watchReaders(
      Math.min(BELIEVED, lostAfter) / 2,
      async (client) => (await this.#redis.exists(this.#keys.alive(client))) > 0,
    );
    await this.#worker.waitUntilReady();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async terminate(): Promise<void> {
    this.#isTerminated = true;
    await this.#engine.life.terminate();
    await this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const away = new AbortController();
    await Promise.race([this.#finish(), this.#awayForGood(away.signal)]);
    away.abort();
    this.#orders?.close();
    this.#machine.close();
    this.#places.close();
    // Where Redis is away its jobs count as lost by now, and there is nobody to tell how they end.
    if (this.#redis.status === 'ready') await this.#engine.life.shutdown(false);
    else await this.#engine.life.terminate();
    for (const connection of [this.#redis, ...this.#copies]) connection.disconnect();
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
      if (this.#redis.status === 'ready') since = performance.now();
      else if (this.#isTerminated || performance.now() - since > lostAfter) return;
      await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
    }
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

  /** @throws the error of a task that has failed, for whoever looks at the job in a dashboard */
  async #run(job: Job, token: string | undefined): Promise<void> {
    if (this.#engine.refusal() !== undefined) return this.#giveBack(job, token);
    let plans: ServedPlan[];
    let ends: Map<number, End>;
    try {
      const data = readJob(job.data, this.#options.maxPayload);
      const { client, keep } = data;
      const isOneOfMany = data.plans.length > 1;
      plans = data.plans.map((plan) => {
        return new ServedPlan({ ...plan, client, keep, isOneOfMany }, decodeArgs(plan, client), this.#machine);
      });
      // Begun before, on a machine that was lost since.
      ends = (job.stalledCounter ?? 0) > 0 ? await this.#endsBefore(job, data) : new Map();
      this.#outbox.took(job.id!, client, keep);
    } catch (error) {
      if (error instanceof PlanError) await this.#refuse(job, error);
      throw error;
    }
    const ended = await Promise.all(plans.map((plan) => this.#machine.run(plan, ends)));
    for (const end of ended) {
      if (end !== undefined) throw end.failure instanceof Error ? end.failure : new Error(String(end.failure));
    }
  }

  /** Whoever waits for it is told, as far as the job says who that is. */
  async #refuse(job: Job, error: PlanError): Promise<void> {
    const payload = errorBytes(error);
    const at = Date.now();
    for (const id of idsIn(job.data)) {
      const clients = error.client === undefined ? [] : [error.client];
      const end: End = { type: 'ended', id, kind: REJECTED, began: at, ended: at, payload };
      this.#outbox.end(end, defaults.keepResults, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** BullMQ fails a job that is lost for good when a machine has a place for it. Whoever waits for it need not wait for that. */
  async #stalled(id: string): Promise<void> {
    const { Job } = await loadBullMQ();
    const job = await Job.fromId(this.#worker as never, id);
    if (job?.deferredFailure !== undefined) await this.#lost(job);
  }

  /** The machine that had the job has given no sign of life, and it is not to be run again. */
  async #lost(job: Job): Promise<void> {
    const data = readJob(job.data, this.#options.maxPayload);
    const ends = await this.#ends(data);
    const lost = data.plans.flatMap(({ legs }) => legs).filter(({ id }) => !ends.has(id));
    await this.#tellLost(
      job,
      data,
      lost,
      'It may have done anything, so it is not run again; rerunLost of serveTasks() says otherwise',
    );
  }

  /** How futures of the job have ended, on the machine that was lost or with it. */
  async #endsBefore(job: Job, data: JobData): Promise<Map<number, End>> {
    const ends = await this.#ends(data);
    const streams = data.plans.flatMap(({ legs }) =>
      legs.filter(({ id, from, credit }) => {
        const hasBegun = from === -1 || ends.get(legs[from]!.id)?.kind === FULFILLED;
        return credit !== undefined && hasBegun && !ends.has(id);
      }),
    );
    if (streams.length === 0) return ends;
    await this.#tellLost(job, data, streams, "What a stream has given can't be taken back, so it is not run again");
    return this.#ends(data);
  }

  async #tellLost(job: Job, data: JobData, legs: readonly LegData[], what: string): Promise<void> {
    const { lostAfter } = this.#options;
    // None where it was lost in the moment in which it took the job.
    const machine = await this.#redis.hget(this.#keys.job(job.id!), MACHINE);
    const who = machine === null ? 'The machine that had this task' : `The machine ${machine}, which had this task,`;
    const payload = errorBytes(
      new WorkerDiedError(`${who} gave no sign of life for more than ${lostAfter} ms. ${what}.`, {
        workerName: machine ?? 'unknown',
      }),
    );
    const at = Date.now();
    for (const { id } of legs) {
      const clients = [data.client, ...this.#machine.watchersOf(id)];
      const end: End = { type: 'ended', id, kind: REJECTED, began: at, ended: at, payload };
      this.#outbox.end(end, data.keep, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** What of a job has ended. */
  async #ends({ plans }: JobData): Promise<Map<number, End>> {
    const found = await this.#redis.mget(...plans.flatMap(({ legs }) => legs.map(({ id }) => this.#keys.end(id))));
    const ends = found.flatMap((text) => (text === null ? [] : decodeWords<End>(text)));
    return new Map(ends.map((end) => [end.id, end]));
  }

  #hear(text: string): void {
    for (const order of decodeWords<Order>(text)) {
      try {
        if (!this.#machine.follow(order) && order.type === 'watch') void this.#tellEnd(order).catch(() => {});
      } catch {
        // Anybody may write there: what makes no sense is no order.
      }
    }
  }

  /** Asked for by somebody who came too late to hear of it. */
  async #tellEnd({ id, client }: Order & { type: 'watch' }): Promise<void> {
    const text = await this.#redis.get(this.#keys.end(id));
    const [end] = text === null ? [] : decodeWords<End>(text);
    if (end?.type === 'ended') this.#outbox.say(client, defaults.keepResults, end);
  }
}

/** ms between two looks whether Redis is there, while it closes. */
const LOOK_EVERY = 100;
/** ms for which orders are looked at that were given before. */
const REMEMBERED = 3_600_000;

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
