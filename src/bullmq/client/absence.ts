/** Limits the time for which Redis may be unreachable before a client gives up. */
import { clearTimeout } from '#platform/time';
import { after } from '#platform/timers';
import type { OpenConnection } from '../redis/redis.js';

export class Absence {
  readonly #queue: string;
  readonly #limit: number;
  readonly #lost: (error: Error) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  #isClosed = false;

  /**
   * `lost` is called when the connection has been unusable for `limit` ms, and at once if ioredis
   * ends its attempts to reconnect.
   */
  constructor(queue: string, limit: number, lost: (error: Error) => void) {
    this.#queue = queue;
    this.#limit = limit;
    this.#lost = lost;
  }

  /** Gives up `limit` ms after the last byte from Redis, unless ioredis has reconnected. */
  watch({ redis, heartbeat }: OpenConnection): void {
    let timer: NodeJS.Timeout | undefined;
    redis.on('close', () => {
      if (this.#isClosed || timer !== undefined || this.#limit === Number.POSITIVE_INFINITY) return;
      timer = after(this.#limit - heartbeat.quietFor, () =>
        this.#giveUp(`was unreachable for more than ${this.#limit} ms`),
      );
      this.#timers.push(timer.unref());
    });
    redis.on('end', () => this.#giveUp('is unreachable, and retryStrategy ended the attempts to reconnect'));
    redis.on('ready', () => {
      clearTimeout(timer);
      timer = undefined;
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #giveUp(why: string): void {
    if (this.#isClosed) return;
    this.#lost(new Error(`Redis, which holds the queue "${this.#queue}", ${why}. Check Redis and the network.`));
  }
}
