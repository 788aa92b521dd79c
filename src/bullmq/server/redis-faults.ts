/** Writes the faults of a server's connection to its log. */
import type { Redis } from 'ioredis';
import { BrokenExecutorError } from '../../errors.js';
import type { Notices } from '../../serving/notices.js';
import type { ServeEvent } from '../options/serve-event.js';
import { describe } from '../redis/redis.js';
import { adviceOn, codeOf, isReply, oneLine } from '../redis/redis-error.js';

export class RedisFaults {
  readonly #redis: Redis;
  readonly #queue: string;
  readonly #notices: Notices<ServeEvent['type']>;
  /** Resolves with an error if ioredis gives up a connection. */
  readonly givenUp: Promise<Error>;
  #giveUp!: (error: Error) => void;
  #isClosed = false;

  constructor(redis: Redis, queue: string, notices: Notices<ServeEvent['type']>) {
    this.#redis = redis;
    this.#queue = queue;
    this.#notices = notices;
    this.givenUp = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    this.#watch();
    this.watchEnd(redis);
  }

  /** Reports no more faults. */
  close(): void {
    this.#isClosed = true;
  }

  /** Reports a refusal of Redis, a broken connection, or a job that BullMQ can't read. */
  report(error: Error): void {
    if (this.#isClosed) return;
    const kind = codeOf(error);
    const what = `${oneLine(error.message) || kind}.${adviceOn(error)}`;
    if (isReply(error) || 'code' in error) {
      this.#notices.publish('redis-error', `Redis at ${describe(this.#redis)}: ${what}`, kind);
    } else if (error instanceof SyntaxError) {
      // The message is written here, because the message of a SyntaxError quotes the data.
      this.#notices.publish('job-refused', 'rejected a job: its data is not valid JSON', kind);
    } else this.#notices.publish('redis-error', `queue "${this.#queue}": ${what}`, kind);
  }

  /**
   * Reports when ioredis gives up a connection. Without the connection the server would receive no
   * jobs, or no orders.
   */
  watchEnd(connection: Redis): void {
    connection.on('end', () => {
      if (this.#isClosed) return;
      const message = `Redis at ${describe(this.#redis)} is unreachable, and retryStrategy ended the attempts to reconnect. Call serveTasks() again when Redis is reachable.`;
      this.#notices.publish('redis-error', message, 'end');
      this.#giveUp(new BrokenExecutorError(message));
    });
  }

  #watch(): void {
    const where = `Redis at ${describe(this.#redis)}`;
    let isLost = false;
    this.#redis.on('error', (error) => this.report(error));
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
  }
}
