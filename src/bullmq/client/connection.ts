/** Connects a client to its BullMQ queue. This is the client's side of the transport. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { LostJob, Rules } from '../../protocol/queue/lost-jobs.js';
import { encodeMessages, type OutcomeMessage, type ToServer } from '../../protocol/queue/messages.js';
import { storedText } from '../../protocol/queue/outcomes.js';
import type {
  Batch,
  ClientConnection,
  ClientListener,
  ClientTransport,
  FutureLookup,
  JobState,
} from '../../protocol/queue/transport.js';
import type { ClientOptions } from '../options/backend-options.js';
import { loadBullMQ } from '../redis/packages.js';
import {
  checkVersion,
  connect,
  connectCopy,
  disconnect,
  type OpenConnection,
  silenceOf,
  within,
} from '../redis/redis.js';
import { isTemporary, refusal } from '../redis/redis-error.js';
import { JobNotes } from '../stored/job-notes.js';
import { Keys } from '../stored/keys.js';
import { storedOutcomes } from '../stored/outcomes.js';
import { Absence } from './absence.js';
import { Inbox, type InboxCursor } from './inbox.js';
import { ClientJobs } from './jobs.js';
import { explainMissing } from './missing-job.js';

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

export class BullmqClient implements ClientTransport {
  readonly client = randomUUID();
  readonly #options: ClientOptions;
  readonly #cursor: InboxCursor = { client: this.client, lastRead: '0' };

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  get queue(): string {
    return this.#options.queue;
  }

  get maxPayload(): number {
    return this.#options.maxPayload;
  }

  /** @throws Error if Redis does not answer, a package is missing, or `signal` is aborted */
  async connect(listener: ClientListener, signal: AbortSignal): Promise<ClientConnection> {
    const options = this.#options;
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
      // `Absence` handles the errors of the connection, which the queue repeats.
      queue.on('error', () => {});
      await within(connectTimeout, queue.waitUntilReady(), signal);
      checkVersion(redis, queue);
      const block = Math.ceil(Math.min(MAX_BLOCK, giveUpAfter / 4));
      const copy = await connectCopy(redis, wanted, block);
      return new BullmqClientConnection(connection, queue, copy, block, options, this.#cursor, listener);
    } catch (error) {
      disconnect(connection);
      throw error;
    }
  }
}

class BullmqClientConnection implements ClientConnection {
  readonly #connection: OpenConnection;
  readonly #redis: Redis;
  readonly #options: ClientOptions;
  readonly #keys: Keys;
  readonly #jobs: ClientJobs;
  readonly #inbox: Inbox;
  readonly #notes: JobNotes;
  readonly #absence: Absence;
  readonly #addOrder: AddOrder;
  #isClosed = false;

  constructor(
    connection: OpenConnection,
    queue: Queue,
    copy: OpenConnection,
    block: number,
    options: ClientOptions,
    cursor: InboxCursor,
    listener: ClientListener,
  ) {
    const { redis } = connection;
    this.#connection = connection;
    this.#redis = redis;
    this.#options = options;
    this.#keys = new Keys(options.prefix, options.queue);
    this.#jobs = new ClientJobs(redis, queue, this.#keys, cursor.client, options.keepResults);
    this.#notes = new JobNotes(redis, this.#keys);
    redis.defineCommand('rxFuturesOrder', { lua: ADD_ORDER, numberOfKeys: 1 });
    this.#addOrder = (redis as unknown as { rxFuturesOrder: AddOrder }).rxFuturesOrder.bind(redis);
    this.#inbox = new Inbox(redis, copy, block, this.#keys, cursor, (text) => listener.received(text));
    this.#absence = new Absence(options.queue, options.giveUpAfter, (error) => listener.lost(error));
    this.#absence.watch(connection);
    this.#absence.watch(copy);
    redis.on('ready', () => listener.reconnected());
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready';
  }

  add(batches: readonly Batch[]): Promise<void> {
    return this.#jobs.add(batches);
  }

  cancel(job: string, outcomes: readonly OutcomeMessage[], why: string): Promise<void> {
    return this.#jobs.cancel(job, outcomes, why);
  }

  jobs(wanted: readonly FutureLookup[]): Promise<Map<number, JobState>> {
    return this.#jobs.states(wanted);
  }

  async order(order: ToServer): Promise<void> {
    await this.#addOrder(this.#keys.orders, MAX_ORDERS, encodeMessages([order]));
  }

  async orderUntilAccepted(order: ToServer): Promise<void> {
    while (!this.#isClosed) {
      try {
        return await this.order(order);
      } catch (error) {
        if (!isTemporary(error)) throw error;
        await sleep(RETRY_PAUSE, undefined, { ref: false });
      }
    }
  }

  outcomes(ids: readonly number[]): Promise<OutcomeMessage[]> {
    return storedOutcomes(this.#redis, this.#keys, ids);
  }

  async storeOutcomes(outcomes: readonly OutcomeMessage[], keep: number): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const outcome of outcomes) {
      // With NX, an outcome that the server has just published is kept.
      pipeline.set(this.#keys.outcome(outcome.id), storedText(outcome), 'PX', keep, 'NX');
      pipeline.pexpire(this.#keys.known(outcome.id), keep);
    }
    await pipeline.exec();
  }

  findLost(job: string): Promise<LostJob | undefined> {
    return this.#notes.find(job);
  }

  rules(): Promise<Rules | undefined> {
    return this.#notes.rules();
  }

  async expireNotes(ids: readonly number[]): Promise<void> {
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.pexpire(this.#keys.known(id), this.#options.keepResults);
    await pipeline.exec();
  }

  refusal(error: unknown): Error {
    return refusal(error, this.#options.queue);
  }

  explainMissing(state: JobState, wasMissingAtOnce: boolean): Error {
    return explainMissing(state, this.#options.queue, wasMissingAtOnce);
  }

  /** Waits for the commands in `writing`, for 0.5 s at most. */
  async close(isForGood: boolean, writing: readonly Promise<unknown>[] = []): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#absence.close();
    this.#inbox.close();
    if (isForGood && this.#redis.status === 'ready') {
      const forgotten = this.#inbox.forget();
      await within(CLOSE_TIMEOUT, Promise.all([...writing, forgotten])).catch(() => {});
    }
    this.#jobs.close();
    disconnect(this.#connection);
  }
}
