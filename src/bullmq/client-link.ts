/** The client's access to Redis: the BullMQ queue for its jobs, its inbox, and stored outcomes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Batch } from '../backends/queue/batches.js';
import { clearInterval, clearTimeout, setInterval } from '../platform/time.js';
import { after } from '../platform/timers.js';
import { CANCELLED, REJECTED } from '../protocol/messages.js';
import { chunks } from '../protocol/queue/chunks.js';
import { type JobData, type NodeData, type TreeData, VERSION } from '../protocol/queue/job-data.js';
import { judge, lostError, type Rules, whyLost } from '../protocol/queue/lost-jobs.js';
import { encodeMessages, type OutcomeMessage, outcomeNow, type ToServer } from '../protocol/queue/messages.js';
import { errorText } from '../protocol/queue/value-text.js';
import type { ClientOptions } from './check-options.js';
import { type Found, JobNotes } from './job-notes.js';
import { jobIdOf, Keys } from './keys.js';
import { bullPriority } from './priority.js';
import {
  checkVersion,
  connect,
  connectCopy,
  disconnect,
  loadBullMQ,
  type OpenConnection,
  silenceOf,
  within,
} from './redis/redis.js';
import { isTemporary } from './redis/redis-error.js';
import { StreamReader } from './redis/stream-reader.js';
import { outcomesOf, storedOutcomes } from './stored-outcomes.js';

/** State of an executor that outlives its connections. */
export interface Identity {
  readonly client: string;
  /** Id of the last inbox entry that was read. */
  lastRead: string;
  /**
   * Attempts of the futures whose connection was lost, by future id. The scheduler sends these
   * futures again, although their jobs may still exist.
   */
  lost: ReadonlyMap<number, number>;
}

/**
 * Interval in ms at which the client renews its alive key, and the lifetime of that key. Servers
 * cancel streams whose client has no alive key.
 */
const ALIVE_INTERVAL = 10_000;
export const ALIVE_TTL = 3 * ALIVE_INTERVAL;
/** Interval in ms at which the client deletes the inbox entries that it has read. */
const TRIM_INTERVAL = 1_000;
/** Maximum length of a job's name, which dashboards show. */
const MAX_NAME_LENGTH = 200;
/** Number of orders that Redis keeps for servers that start later. */
const MAX_ORDERS = 10_000;
/** Maximum time in ms for which the XREAD of the inbox blocks. */
const MAX_BLOCK = 5_000;
/** Time in ms for which a closing client waits for the replies to its last commands. */
const CLOSE_TIMEOUT = 500;
/** Pause in ms before a refused command is sent again. */
const RETRY_PAUSE = 1_000;

/**
 * Adds an order, even if Redis is out of memory: an order may end the work that fills the memory.
 * In a script, Redis refuses XADD only if no other write came before. PERSIST counts as a write and
 * needs no memory.
 */
const ADD_ORDER = `
redis.call('PERSIST', KEYS[1])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'w', ARGV[2])
`;

type AddOrder = (key: string, most: number, messages: string) => Promise<unknown>;

/** The id of a future, and the id of its job if it is known. */
export interface FutureLookup {
  readonly id: number;
  readonly job: string | undefined;
}

/**
 * The state of a job in Redis. A server publishes the outcomes of a job's futures *before* it
 * completes the job. For a lost job, another server or a client publishes them *afterwards*.
 */
export interface JobState {
  readonly job: string;
  /**
   * True if Redis has a note of the future's job id. The job itself may not have been added yet.
   * Not looked up if the id of the job is known.
   */
  readonly isNoted: boolean;
  readonly phase: 'awaited' | 'ended' | 'gone';
  /** True if a server has claimed the job, now or before. */
  readonly wasClaimed: boolean;
  /** The failure that BullMQ stored for the job. */
  readonly failure: string | undefined;
}

export interface LinkListener {
  received(text: string): void;
  /** Redis was unreachable for longer than `giveUpAfter`. */
  lost(error: Error): void;
  /** Redis is reachable again. It may have lost its data. */
  reconnected(): void;
}

export class ClientLink {
  readonly keys: Keys;
  readonly #connection: OpenConnection;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #reader: StreamReader;
  readonly #options: ClientOptions;
  readonly #identity: Identity;
  readonly #addOrder: AddOrder;
  readonly #notes: JobNotes;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #giveUpTimers: NodeJS.Timeout[] = [];
  #isClosed = false;

  /** @throws Error if Redis does not answer, a package is missing, or `signal` is aborted */
  static async open(
    options: ClientOptions,
    identity: Identity,
    listener: LinkListener,
    signal: AbortSignal,
  ): Promise<ClientLink> {
    const { connectTimeout, giveUpAfter } = options;
    const { Queue } = await loadBullMQ();
    // Half of giveUpAfter, so that a new connection can receive the results before the client gives
    // up.
    const silence = silenceOf(options.connection, giveUpAfter / 2);
    const wanted = { ...options, silence, isKeptAlive: false, signal };
    const connection = await connect(wanted);
    const { redis } = connection;
    try {
      const queue = new Queue(options.queue, { connection: redis as never, prefix: options.prefix });
      // ClientLink handles the errors of the connection, which the queue repeats.
      queue.on('error', () => {});
      await within(connectTimeout, queue.waitUntilReady(), signal);
      checkVersion(redis, queue);
      const block = Math.ceil(Math.min(MAX_BLOCK, giveUpAfter / 4));
      const inbox = await connectCopy(redis, wanted, block);
      return new ClientLink(connection, queue, inbox, block, options, identity, listener);
    } catch (error) {
      disconnect(connection);
      throw error;
    }
  }

  private constructor(
    connection: OpenConnection,
    queue: Queue,
    inbox: OpenConnection,
    block: number,
    options: ClientOptions,
    identity: Identity,
    listener: LinkListener,
  ) {
    this.#connection = connection;
    this.#redis = connection.redis;
    this.#queue = queue;
    this.#options = options;
    this.#identity = identity;
    this.keys = new Keys(options.prefix, options.queue);
    this.#notes = new JobNotes(this.#redis, this.keys);
    this.#redis.defineCommand('rxFuturesOrder', { lua: ADD_ORDER, numberOfKeys: 1 });
    this.#addOrder = (this.#redis as unknown as { rxFuturesOrder: AddOrder }).rxFuturesOrder.bind(this.#redis);
    const key = this.keys.inbox(identity.client);
    this.#reader = new StreamReader(inbox, key, identity.lastRead, block, (text) => {
      identity.lastRead = this.#reader.last;
      listener.received(text);
    });
    this.#renewAlive();
    this.#timers.push(setInterval(() => this.#renewAlive(), ALIVE_INTERVAL).unref());
    this.#timers.push(setInterval(() => this.#trimInbox(), TRIM_INTERVAL).unref());
    this.#watch(connection, listener);
    this.#watch(inbox, listener);
    this.#redis.on('ready', () => listener.reconnected());
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready';
  }

  /** @throws Error if the jobs could not be added */
  async add(batches: readonly Batch[]): Promise<void> {
    const { keepResults: keep } = this.#options;
    const { client } = this.#identity;
    const age = Math.ceil(keep / 1_000);
    this.#noteJobIds(batches);
    const jobs = batches.map(({ trees, priority }) => {
      const data: JobData = { version: VERSION, client, keep, trees };
      return {
        name: nameOf(trees),
        data,
        opts: {
          jobId: jobOf(trees),
          priority: bullPriority(priority),
          attempts: 1,
          removeOnComplete: { age },
          removeOnFail: { age },
        },
      };
    });
    const [first] = jobs;
    // addBulk would need three commands for one job.
    if (jobs.length === 1 && first !== undefined) await this.#queue.add(first.name, first.data, first.opts);
    else await this.#queue.addBulk(jobs);
  }

  /**
   * Stores the ids of jobs by their futures. Only the first future of a job, in its first attempt,
   * reveals the id of the job. For all others, the id is stored before the job is added. A client
   * may attach as soon as it knows the id of a future.
   */
  #noteJobIds(batches: readonly Batch[]): void {
    const others = batches.flatMap(({ trees }) => {
      const job = jobOf(trees);
      const nodes = trees.flatMap((tree) => tree.nodes);
      return nodes.filter(({ attempt }, i) => i > 0 || attempt > 1).map(({ id, attempt }) => ({ id, attempt, job }));
    });
    for (const some of chunks(others)) {
      // The outcome of the previous attempt is not the outcome of this one.
      const again = some.filter(({ attempt }) => attempt > 1).map(({ id }) => this.keys.outcome(id));
      if (again.length > 0) void this.#redis.del(...again).catch(() => {});
      void this.#redis.mset(...some.flatMap(({ id, job }) => [this.keys.known(id), job])).catch(() => {});
    }
  }

  /** @throws Error if Redis refuses the order */
  async order(...orders: ToServer[]): Promise<void> {
    await this.#addOrder(this.keys.orders, MAX_ORDERS, encodeMessages(orders));
  }

  /** Sends the order until Redis accepts it. A stream whose credit is lost would wait forever. */
  async orderUntilAccepted(...orders: ToServer[]): Promise<void> {
    while (!this.#isClosed) {
      try {
        return await this.order(...orders);
      } catch (error) {
        if (!isTemporary(error)) throw error;
        await sleep(RETRY_PAUSE, undefined, { ref: false });
      }
    }
  }

  /**
   * Removes a job that has not started. No server publishes the outcomes of its futures, so this
   * stores them for the clients that have attached.
   */
  async remove(tree: readonly number[], attempt: number, reason: string): Promise<void> {
    if ((await this.#queue.remove(jobIdOf(tree[0]!, attempt))) !== 1) return;
    for (const id of tree) {
      const end = outcomeNow(id, attempt, CANCELLED, reason);
      // NX: a future that settled just before keeps its outcome.
      await this.#redis.set(this.keys.outcome(id), encodeMessages([end]), 'PX', this.#options.keepResults, 'NX');
      await this.#redis.del(this.keys.known(id));
    }
  }

  outcomes(ids: readonly number[]): Promise<OutcomeMessage[]> {
    return storedOutcomes(this.#redis, this.keys, ids);
  }

  /** Returns the state of each future's job. */
  async jobs(wanted: readonly FutureLookup[]): Promise<Map<number, JobState>> {
    const states = new Map<number, JobState>();
    for (const some of chunks(wanted)) {
      const notes = await this.#jobsNoted(some.flatMap(({ id, job }) => (job === undefined ? [id] : [])));
      const jobs = some.map(({ id, job }) => job ?? jobNoted(notes.get(id)) ?? jobIdOf(id));
      const pipeline = this.#redis.pipeline();
      // Small tasks share jobs, so several futures can have the same job.
      const unique = [...new Set(jobs)];
      for (const job of unique) pipeline.hmget(this.keys.job(job), 'name', 'finishedOn', 'failedReason', 'processedOn');
      const answers = (await pipeline.exec()) ?? [];
      const found = new Map(unique.map((job, i) => [job, (answers[i]?.[1] ?? []) as (string | null)[]]));
      for (const [i, { id }] of some.entries()) {
        const job = jobs[i]!;
        // A hash without a name is not a job.
        const [name = null, finishedOn = null, failure, processedOn = null] = found.get(job)!;
        const phase = name === null ? 'gone' : finishedOn === null ? 'awaited' : 'ended';
        const wasClaimed = processedOn !== null;
        states.set(id, { job, isNoted: notes.has(id), phase, wasClaimed, failure: failure ?? undefined });
      }
    }
    return states;
  }

  /** Returns the job ids that Redis has stored for these futures. */
  async #jobsNoted(ids: readonly number[]): Promise<Map<number, string>> {
    if (ids.length === 0) return new Map();
    const notes = await this.#redis.mget(...ids.map((id) => this.keys.known(id)));
    return new Map(ids.flatMap((id, i) => (notes[i] == null ? [] : [[id, notes[i]] as const])));
  }

  /**
   * Settles the futures that were lost with the servers of these jobs. A server that takes over
   * such a job does the same, but there may be no other server. Futures that may run again are left
   * for the next server. Returns the ids of the futures that have an outcome now.
   */
  async settleLost(jobs: Iterable<string>): Promise<number[]> {
    // Jobs of other programs are skipped.
    const found = await Promise.all(Array.from(jobs, (job) => this.#notes.find(job).catch(() => undefined)));
    const lost = found.filter((each) => each !== undefined);
    const rules = lost.length === 0 ? undefined : await this.#notes.rules();
    if (rules === undefined) return [];
    const ended = await Promise.all(lost.map((each) => this.#settleLostIn(each, rules)));
    return ended.flat();
  }

  async #settleLostIn({ data, loss }: Found, { lostAfter, rerunLost }: Rules): Promise<number[]> {
    const { lost } = judge(data, loss, rerunLost, await outcomesOf(this.#redis, this.keys, data));
    const pipeline = this.#redis.pipeline();
    for (const node of lost) {
      const { id, attempt } = node;
      const payload = errorText(lostError(loss, lostAfter, whyLost(node)));
      // NX: an outcome that the server published just before stays.
      pipeline.set(
        this.keys.outcome(id),
        encodeMessages([outcomeNow(id, attempt, REJECTED, payload)]),
        'PX',
        data.keep,
        'NX',
      );
      pipeline.pexpire(this.keys.known(id), data.keep);
    }
    if (lost.length > 0) await pipeline.exec();
    return lost.map(({ id }) => id);
  }

  /**
   * Lets the notes of lost futures expire when an outcome would, because no server settles them.
   */
  async expireNotes(ids: readonly number[]): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.pexpire(this.keys.known(id), this.#options.keepResults);
    await pipeline.exec();
  }

  /**
   * Closes the connections. Deletes the inbox if `isForGood`. Waits for the commands in `writing`,
   * for 0.5 s at most.
   */
  async close(isForGood: boolean, writing: readonly Promise<unknown>[] = []): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const timer of this.#giveUpTimers) clearTimeout(timer);
    this.#reader.close();
    if (isForGood && this.#redis.status === 'ready') {
      const { client } = this.#identity;
      const forgotten = this.#redis.del(this.keys.inbox(client), this.keys.alive(client));
      await within(CLOSE_TIMEOUT, Promise.all([...writing, forgotten])).catch(() => {});
    }
    // BullMQ does not close the connection, because the connection was passed in.
    void this.#queue.close().catch(() => {});
    disconnect(this.#connection);
  }

  #renewAlive(): void {
    void this.#redis.set(this.keys.alive(this.#identity.client), '1', 'PX', ALIVE_TTL).catch(() => {});
  }

  /** Deletes the inbox entries that were read. */
  #trimInbox(): void {
    const { client, lastRead } = this.#identity;
    if (lastRead === '0' || this.#redis.status !== 'ready') return;
    void this.#redis.xtrim(this.keys.inbox(client), 'MINID', lastRead).catch(() => {});
  }

  /** Gives up `giveUpAfter` ms after the last byte from Redis, unless ioredis has reconnected. */
  #watch({ redis, heartbeat }: OpenConnection, listener: LinkListener): void {
    const { giveUpAfter, queue } = this.#options;
    let giveUpTimer: NodeJS.Timeout | undefined;
    const lost = (why: string): void => {
      if (!this.#isClosed)
        listener.lost(new Error(`Redis, which holds the queue "${queue}", ${why}. Check Redis and the network.`));
    };
    redis.on('close', () => {
      if (this.#isClosed || giveUpTimer !== undefined || giveUpAfter === Number.POSITIVE_INFINITY) return;
      giveUpTimer = after(Math.max(0, giveUpAfter - heartbeat.quietFor), () =>
        lost(`was unreachable for more than ${giveUpAfter} ms`),
      );
      this.#giveUpTimers.push(giveUpTimer.unref());
    });
    redis.on('end', () => lost('is unreachable, and retryStrategy ended the attempts to reconnect'));
    redis.on('ready', () => {
      clearTimeout(giveUpTimer);
      giveUpTimer = undefined;
    });
  }
}

/** Ignores a note that is not a job id of this library, because anyone may write to Redis. */
function jobNoted(note: string | undefined): string | undefined {
  return note?.startsWith('future-') === true ? note : undefined;
}

/** Returns the id of the job that contains these trees. */
export function jobOf([first]: readonly TreeData[]): string {
  const [{ id, attempt }] = first!.nodes as readonly [NodeData];
  return jobIdOf(id, attempt);
}

function nameOf(trees: readonly TreeData[]): string {
  const [{ nodes }] = trees as readonly [TreeData];
  const name = nodes.map((node) => node.name).join(' → ');
  return (trees.length === 1 ? name : `${trees.length} × ${name}`).slice(0, MAX_NAME_LENGTH);
}
