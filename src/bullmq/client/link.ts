/** What a client has open: BullMQ's queue for its jobs, and its inbox. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { clearInterval, clearTimeout, setInterval } from '../../platform/time.js';
import { after } from '../../platform/timers.js';
import { CANCELLED, REJECTED } from '../../protocol/messages.js';
import type { ClientOptions } from '../redis/check-options.js';
import { another, checkVersion, connect, type Line, letGo, loadBullMQ, silenceOf, within } from '../redis/redis.js';
import { isPassing } from '../redis/redis-error.js';
import { StreamReader } from '../redis/stream-reader.js';
import { chunks } from '../wire/chunks.js';
import { type JobData, type NodeData, type TreeData, VERSION } from '../wire/job-data.js';
import { type Found, JobNotes } from '../wire/job-notes.js';
import { endsIn, keptEnds } from '../wire/kept-ends.js';
import { jobIdOf, Keys } from '../wire/keys.js';
import { judge, lostError, type Rules, whyLost } from '../wire/lost-jobs.js';
import { type End, encodeMessages, endNow, type ToServer } from '../wire/messages.js';
import { errorText } from '../wire/value-text.js';
import type { Batch } from './batches.js';
import { bullPriority } from './priority.js';

/** What is one for all connections that an executor has in its life. */
export interface Identity {
  readonly client: string;
  /** The last entry of the inbox that was read. */
  lastRead: string;
  /** Futures whose connection was lost, and their attempts: the scheduler sends them again, and their jobs may be there. */
  lost: ReadonlyMap<number, number>;
}

/** ms between two signs of life, and for which one is believed. Workers stop streams whose readers give none. */
const SIGN_EVERY = 10_000;
export const BELIEVED = 3 * SIGN_EVERY;
/** ms between two clearings of what was read. */
const CLEAR_EVERY = 1_000;
/** Characters of a job's name, as dashboards show it. */
const LONGEST_NAME = 200;
/** Orders that are kept for workers that come later. */
const ORDERS = 10_000;
/** Longest block of the XREAD that reads the inbox, in ms. */
const BLOCK = 5_000;
/** Time in ms that a closing client waits for the answers to its last commands. */
const LAST_WORDS = 500;
/** Pause in ms before a refused command is sent again. */
const AGAIN = 1_000;

/**
 * Adds an order, also when Redis is out of memory: an order may end the work that fills the memory. In a script Redis refuses XADD only if no
 * other write came before. PERSIST counts as a write, and needs no memory.
 */
const ORDER = `
redis.call('PERSIST', KEYS[1])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'w', ARGV[2])
`;

type AddOrder = (key: string, most: number, messages: string) => Promise<unknown>;

/** A future, and its job, where that is known. */
export interface Wanted {
  readonly id: number;
  readonly job: string | undefined;
}

/** A job as Redis has it. A machine that ends one has told the ends of its futures before; of one that is lost they are told after. */
export interface JobState {
  readonly job: string;
  /** That its future is in it was noted: it may be about to be added. Not looked up where the job is known. */
  readonly isNoted: boolean;
  readonly phase: 'awaited' | 'ended' | 'gone';
  /** A machine has taken it, now or before. */
  readonly wasTaken: boolean;
  /** As BullMQ notes it. */
  readonly failure: string | undefined;
}

export interface LinkListener {
  heard(text: string): void;
  /** Redis has been away for longer than it may. */
  lost(error: Error): void;
  /** It was away, and is there again: with what it had, or without. */
  back(): void;
}

export class ClientLink {
  readonly keys: Keys;
  readonly #line: Line;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #reader: StreamReader;
  readonly #options: ClientOptions;
  readonly #identity: Identity;
  readonly #addOrder: AddOrder;
  readonly #notes: JobNotes;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #away: NodeJS.Timeout[] = [];
  #isClosed = false;

  /** @throws Error if Redis does not answer in time, if a package is missing, or if `signal` is aborted */
  static async open(
    options: ClientOptions,
    identity: Identity,
    listener: LinkListener,
    signal: AbortSignal,
  ): Promise<ClientLink> {
    const { connectTimeout, giveUpAfter } = options;
    const { Queue } = await loadBullMQ();
    // Half of giveUpAfter, so that a new connection can bring the results before the client gives up.
    const silence = silenceOf(options.connection, giveUpAfter / 2);
    const wanted = { ...options, silence, isKeptAlive: false, signal };
    const line = await connect(wanted);
    const { redis } = line;
    try {
      const queue = new Queue(options.queue, { connection: redis as never, prefix: options.prefix });
      // Those of its connection, which is ours.
      queue.on('error', () => {});
      await within(connectTimeout, queue.waitUntilReady(), signal);
      checkVersion(redis, queue);
      const block = Math.ceil(Math.min(BLOCK, giveUpAfter / 4));
      const inbox = await another(redis, wanted, block);
      return new ClientLink(line, queue, inbox, block, options, identity, listener);
    } catch (error) {
      letGo(line);
      throw error;
    }
  }

  private constructor(
    line: Line,
    queue: Queue,
    inbox: Line,
    block: number,
    options: ClientOptions,
    identity: Identity,
    listener: LinkListener,
  ) {
    this.#line = line;
    this.#redis = line.redis;
    this.#queue = queue;
    this.#options = options;
    this.#identity = identity;
    this.keys = new Keys(options.prefix, options.queue);
    this.#notes = new JobNotes(this.#redis, this.keys);
    this.#redis.defineCommand('rxFuturesOrder', { lua: ORDER, numberOfKeys: 1 });
    this.#addOrder = (this.#redis as unknown as { rxFuturesOrder: AddOrder }).rxFuturesOrder.bind(this.#redis);
    const key = this.keys.inbox(identity.client);
    this.#reader = new StreamReader(inbox, key, identity.lastRead, block, (text) => {
      identity.lastRead = this.#reader.last;
      listener.heard(text);
    });
    this.#sign();
    this.#timers.push(setInterval(() => this.#sign(), SIGN_EVERY).unref());
    this.#timers.push(setInterval(() => this.#clear(), CLEAR_EVERY).unref());
    this.#watch(line, listener);
    this.#watch(inbox, listener);
    this.#redis.on('ready', () => listener.back());
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready';
  }

  /** @throws Error where they could not be added */
  async add(batches: readonly Batch[]): Promise<void> {
    const { keepResults: keep } = this.#options;
    const { client } = this.#identity;
    const age = Math.ceil(keep / 1_000);
    this.#makeKnown(batches);
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
    // A bulk of one would be three commands.
    if (jobs.length === 1 && first !== undefined) await this.#queue.add(first.name, first.data, first.opts);
    else await this.#queue.addBulk(jobs);
  }

  /** The first future of a job is known by that. The others are noted before it: whoever is given the id of one may ask for it at once. */
  #makeKnown(batches: readonly Batch[]): void {
    const others = batches.flatMap(({ trees }) => {
      const job = jobOf(trees);
      const nodes = trees.flatMap((tree) => tree.nodes);
      return nodes.filter(({ attempt }, i) => i > 0 || attempt > 1).map(({ id, attempt }) => ({ id, attempt, job }));
    });
    for (const some of chunks(others)) {
      // How the run before has ended is not how it ends.
      const again = some.filter(({ attempt }) => attempt > 1).map(({ id }) => this.keys.end(id));
      if (again.length > 0) void this.#redis.del(...again).catch(() => {});
      void this.#redis.mset(...some.flatMap(({ id, job }) => [this.keys.known(id), job])).catch(() => {});
    }
  }

  /** @throws Error if Redis refuses the order */
  async message(...orders: ToServer[]): Promise<void> {
    await this.#addOrder(this.keys.orders, ORDERS, encodeMessages(orders));
  }

  /** Sends the order again until Redis accepts it. A stream whose credit is lost would wait for ever. */
  async insist(...orders: ToServer[]): Promise<void> {
    while (!this.#isClosed) {
      try {
        return await this.message(...orders);
      } catch (error) {
        if (!isPassing(error)) throw error;
        await sleep(AGAIN, undefined, { ref: false });
      }
    }
  }

  /** Removes a job that has not begun: no machine will tell of the end of its futures, so it is kept here for whoever has attached to them. */
  async remove(tree: readonly number[], attempt: number, reason: string): Promise<void> {
    if ((await this.#queue.remove(jobIdOf(tree[0]!, attempt))) !== 1) return;
    for (const id of tree) {
      const end = endNow(id, attempt, CANCELLED, reason);
      // One that had ended, just before, stays what it is.
      await this.#redis.set(this.keys.end(id), encodeMessages([end]), 'PX', this.#options.keepResults, 'NX');
      await this.#redis.del(this.keys.known(id));
    }
  }

  ends(ids: readonly number[]): Promise<End[]> {
    return keptEnds(this.#redis, this.keys, ids);
  }

  /** What has become of the jobs of these futures. */
  async jobs(wanted: readonly Wanted[]): Promise<Map<number, JobState>> {
    const states = new Map<number, JobState>();
    for (const some of chunks(wanted)) {
      const notes = await this.#jobsNoted(some.flatMap(({ id, job }) => (job === undefined ? [id] : [])));
      const jobs = some.map(({ id, job }) => job ?? jobNoted(notes.get(id)) ?? jobIdOf(id));
      const asked = this.#redis.pipeline();
      // Small tasks share their jobs.
      const unique = [...new Set(jobs)];
      for (const job of unique) asked.hmget(this.keys.job(job), 'name', 'finishedOn', 'failedReason', 'processedOn');
      const answers = (await asked.exec()) ?? [];
      const found = new Map(unique.map((job, i) => [job, (answers[i]?.[1] ?? []) as (string | null)[]]));
      for (const [i, { id }] of some.entries()) {
        const job = jobs[i]!;
        // What is there and is no job is none of ours.
        const [name = null, finishedOn = null, failure, processedOn = null] = found.get(job)!;
        const phase = name === null ? 'gone' : finishedOn === null ? 'awaited' : 'ended';
        const wasTaken = processedOn !== null;
        states.set(id, { job, isNoted: notes.has(id), phase, wasTaken, failure: failure ?? undefined });
      }
    }
    return states;
  }

  /** The jobs that are noted for these futures, where there are any. */
  async #jobsNoted(ids: readonly number[]): Promise<Map<number, string>> {
    if (ids.length === 0) return new Map();
    const notes = await this.#redis.mget(...ids.map((id) => this.keys.known(id)));
    return new Map(ids.flatMap((id, i) => (notes[i] == null ? [] : [[id, notes[i]] as const])));
  }

  /**
   * Ends what was lost with the machines of these jobs, as a machine that takes them over does: there may be none. What may run again is left to
   * the next machine. The futures that have an end now.
   */
  async endLost(jobs: Iterable<string>): Promise<number[]> {
    // What is no job of ours is not ours to end.
    const found = await Promise.all(Array.from(jobs, (job) => this.#notes.find(job).catch(() => undefined)));
    const lost = found.filter((each) => each !== undefined);
    const rules = lost.length === 0 ? undefined : await this.#notes.rules();
    if (rules === undefined) return [];
    const ended = await Promise.all(lost.map((each) => this.#endAll(each, rules)));
    return ended.flat();
  }

  async #endAll({ data, loss }: Found, { lostAfter, rerunLost }: Rules): Promise<number[]> {
    const { lost } = judge(data, loss, rerunLost, await endsIn(this.#redis, this.keys, data));
    const asked = this.#redis.pipeline();
    for (const node of lost) {
      const { id, attempt } = node;
      const payload = errorText(lostError(loss, lostAfter, whyLost(node)));
      // What the machine has told just before stays.
      asked.set(this.keys.end(id), encodeMessages([endNow(id, attempt, REJECTED, payload)]), 'PX', data.keep, 'NX');
      asked.pexpire(this.keys.known(id), data.keep);
    }
    if (lost.length > 0) await asked.exec();
    return lost.map(({ id }) => id);
  }

  /** Nobody will tell of them any more: what is noted of them stays as long as an end would. */
  async forget(ids: readonly number[]): Promise<void> {
    const asked = this.#redis.pipeline();
    for (const id of ids) asked.pexpire(this.keys.known(id), this.#options.keepResults);
    await asked.exec();
  }

  /** `isForGood`: the inbox is not needed any more. `writing`: commands that are waited for, 0.5 s at most. */
  async close(isForGood: boolean, writing: readonly Promise<unknown>[] = []): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const timer of this.#away) clearTimeout(timer);
    this.#reader.close();
    if (isForGood && this.#redis.status === 'ready') {
      const { client } = this.#identity;
      const forgotten = this.#redis.del(this.keys.inbox(client), this.keys.alive(client));
      await within(LAST_WORDS, Promise.all([...writing, forgotten])).catch(() => {});
    }
    // Of a connection that is not its own it closes nothing.
    void this.#queue.close().catch(() => {});
    letGo(this.#line);
  }

  #sign(): void {
    void this.#redis.set(this.keys.alive(this.#identity.client), '1', 'PX', BELIEVED).catch(() => {});
  }

  /** What was read is not needed any more. */
  #clear(): void {
    const { client, lastRead } = this.#identity;
    if (lastRead === '0' || this.#redis.status !== 'ready') return;
    void this.#redis.xtrim(this.keys.inbox(client), 'MINID', lastRead).catch(() => {});
  }

  /** Gives up `giveUpAfter` ms after the last byte from Redis, unless ioredis has connected again. */
  #watch({ redis, heartbeat }: Line, listener: LinkListener): void {
    const { giveUpAfter, queue } = this.#options;
    let away: NodeJS.Timeout | undefined;
    const lost = (why: string): void => {
      if (!this.#isClosed) listener.lost(new Error(`Redis, which has the queue ${queue}, ${why}.`));
    };
    redis.on('close', () => {
      if (this.#isClosed || away !== undefined || giveUpAfter === Number.POSITIVE_INFINITY) return;
      away = after(Math.max(0, giveUpAfter - heartbeat.quietFor), () =>
        lost(`was away for more than ${giveUpAfter} ms`),
      );
      this.#away.push(away.unref());
    });
    redis.on('end', () => lost('is away, and retryStrategy of the connection gives up'));
    redis.on('ready', () => {
      clearTimeout(away);
      away = undefined;
    });
  }
}

/** Anybody may write there. */
function jobNoted(note: string | undefined): string | undefined {
  return note?.startsWith('future-') === true ? note : undefined;
}

/** The id of a job that has these plans. */
export function jobOf([first]: readonly TreeData[]): string {
  const [{ id, attempt }] = first!.nodes as readonly [NodeData];
  return jobIdOf(id, attempt);
}

function nameOf(trees: readonly TreeData[]): string {
  const [{ nodes }] = trees as readonly [TreeData];
  const name = nodes.map((node) => node.name).join(' → ');
  return (trees.length === 1 ? name : `${trees.length} × ${name}`).slice(0, LONGEST_NAME);
}
