/** Connects a server to its BullMQ queue. This is the server's side of the transport. */
import type { Redis } from 'ioredis';
import type { JobData } from '../../protocol/queue/job-data.js';
import type { LostJobNotes, Rules } from '../../protocol/queue/lost-jobs.js';
import type { Mail } from '../../protocol/queue/mail.js';
import type { OutcomeMessage } from '../../protocol/queue/messages.js';
import type { JobIntake, JobListener, ServerConnection } from '../../protocol/queue/transport.js';
import type { Notices } from '../../serving/notices.js';
import type { ServeEvent } from '../options/serve-event.js';
import type { Checked } from '../options/serve-options.js';
import { endAtOnce } from '../redis/end-at-once.js';
import { Heartbeat } from '../redis/heartbeat.js';
import { type BullMQ, loadBullMQ } from '../redis/packages.js';
import {
  type ConnectOptions,
  connect,
  connectCopy,
  disconnect,
  type OpenConnection,
  silenceOf,
} from '../redis/redis.js';
import { isTemporary } from '../redis/redis-error.js';
import { StreamReader } from '../redis/stream-reader.js';
import { JobNotes } from '../stored/job-notes.js';
import { Keys } from '../stored/keys.js';
import { storedOutcomes } from '../stored/outcomes.js';
import { BullmqIntake } from './job-intake.js';
import { MailScript } from './mail-script.js';
import { RedisFaults } from './redis-faults.js';

/**
 * Minimum silence in ms, whatever `lostAfter` is. A reconnect is not worth its cost if Redis is
 * only slow.
 */
const MIN_SILENCE = 1_000;
/** Maximum time in ms for which the XREAD of the orders blocks, and BullMQ's BZPOPMIN for jobs. */
const MAX_BLOCK = 5_000;
const MAX_BULLMQ_BLOCK = 10_000;

export class BullmqServerConnection implements ServerConnection {
  readonly #bullmq: BullMQ;
  readonly #options: Checked;
  readonly #wanted: ConnectOptions;
  readonly #connection: OpenConnection;
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #faults: RedisFaults;
  readonly #mail: MailScript;
  readonly #notes: JobNotes;
  /** Copies of the connection that BullMQ has made. BullMQ does not return them. */
  readonly #copies: OpenConnection[] = [];
  #orders: StreamReader | undefined;
  #intake: BullmqIntake | undefined;

  /** @throws Error if Redis can't be reached in time, or a package is missing */
  static async open(options: Checked, notices: Notices<ServeEvent['type']>): Promise<BullmqServerConnection> {
    const bullmq = await loadBullMQ();
    // `silence` is at most a third of `lostAfter`. A dead connection is then replaced early enough
    // for its successor to renew the locks.
    const silence = silenceOf(options.connection, Math.max(MIN_SILENCE, options.lostAfter / 3));
    const wanted = { ...options, silence, isKeptAlive: true };
    return new BullmqServerConnection(bullmq, options, wanted, await connect(wanted), notices);
  }

  private constructor(
    bullmq: BullMQ,
    options: Checked,
    wanted: ConnectOptions,
    connection: OpenConnection,
    notices: Notices<ServeEvent['type']>,
  ) {
    const { redis } = connection;
    this.#bullmq = bullmq;
    this.#options = options;
    this.#wanted = wanted;
    this.#connection = connection;
    this.#redis = redis;
    this.#faults = new RedisFaults(redis, options.queue, notices);
    this.#keepCopies();
    this.#keys = new Keys(options.prefix, options.queue);
    this.#mail = new MailScript(redis, this.#keys, options.engine.name, (error) => this.#faults.report(error));
    this.#notes = new JobNotes(redis, this.#keys);
  }

  get queue(): string {
    return this.#options.queue;
  }

  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  get quietFor(): number {
    return this.#connection.heartbeat.quietFor;
  }

  get givenUp(): Promise<Error> {
    return this.#faults.givenUp;
  }

  /** Sends a PING, because a dead connection is detected by a PING without a reply. */
  probe(): void {
    this.#redis.ping().catch(() => {});
  }

  publishRules(rules: Rules): Promise<void> {
    return this.#notes.publish(rules);
  }

  async receiveOrders(since: number, received: (text: string) => void): Promise<void> {
    const copy = await connectCopy(this.#redis, this.#wanted, MAX_BLOCK);
    this.#faults.watchEnd(copy.redis);
    this.#orders = new StreamReader(copy, this.#keys.orders, `${since}-0`, MAX_BLOCK, received);
  }

  receiveJobs(concurrency: number, listener: JobListener): JobIntake {
    const failed = (error: Error) => this.#faults.report(error);
    const options = this.#options;
    this.#intake = new BullmqIntake(this.#bullmq, this.#redis, this.#keys, options, concurrency, listener, failed);
    return this.#intake;
  }

  publish(mail: Mail): Promise<readonly boolean[]> {
    return this.#mail.send(mail);
  }

  isTemporary(error: unknown): boolean {
    return isTemporary(error);
  }

  outcomes(ids: readonly number[]): Promise<OutcomeMessage[]> {
    return storedOutcomes(this.#redis, this.#keys, ids);
  }

  notesOf(job: string, data: JobData, timesLost: number): Promise<LostJobNotes> {
    return this.#notes.of(job, data, timesLost);
  }

  noteRetries(job: string, token: string, ids: readonly number[]): Promise<boolean> {
    return this.#notes.retry(job, token, ids);
  }

  noteStep(job: string, token: string, id: number, count: number, value: string): Promise<boolean> {
    return this.#notes.step(job, token, id, count, value);
  }

  async isAlive(client: string): Promise<boolean> {
    return (await this.#redis.exists(this.#keys.alive(client))) > 0;
  }

  stopListening(): void {
    this.#faults.close();
    this.#orders?.close();
  }

  async close(): Promise<void> {
    for (const connection of [this.#connection, ...this.#copies]) disconnect(connection);
    await this.#intake?.stopRenewal();
  }

  /** Keeps the connections that BullMQ copies, so that they can be closed. */
  #keepCopies(): void {
    const duplicate = this.#redis.duplicate.bind(this.#redis);
    this.#redis.duplicate = (override) => {
      const copy = duplicate(override);
      // BullMQ removes its listener when it closes, and ioredis prints errors without a listener.
      copy.on('error', () => {});
      endAtOnce(copy);
      const heartbeat = new Heartbeat(copy, { silence: this.#wanted.silence, block: MAX_BULLMQ_BLOCK });
      this.#copies.push({ redis: copy, heartbeat });
      return copy;
    };
  }
}
