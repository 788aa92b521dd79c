/** The inbox of a client: a Redis stream that the client reads, trims and keeps alive. */
import type { Redis } from 'ioredis';
import { clearInterval, setInterval } from '#platform/time';
import { ALIVE_TTL } from '../../protocol/queue/transport.js';
import type { OpenConnection } from '../redis/redis.js';
import { StreamReader } from '../redis/stream-reader.js';
import type { Keys } from '../stored/keys.js';

/** How far a client has read its inbox. It outlives the connections of the client. */
export interface InboxCursor {
  readonly client: string;
  /** Id of the last inbox entry that was read. */
  lastRead: string;
}

/** Interval in ms at which the client renews its alive key. */
const ALIVE_INTERVAL = ALIVE_TTL / 3;
/** Interval in ms at which the client deletes the inbox entries that it has read. */
const TRIM_INTERVAL = 1_000;

export class Inbox {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #cursor: InboxCursor;
  readonly #reader: StreamReader;
  readonly #timers: NodeJS.Timeout[] = [];

  /** XREAD blocks `connection` for up to `block` ms. */
  constructor(
    redis: Redis,
    connection: OpenConnection,
    block: number,
    keys: Keys,
    cursor: InboxCursor,
    received: (text: string) => void,
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#cursor = cursor;
    this.#reader = new StreamReader(connection, keys.inbox(cursor.client), cursor.lastRead, block, (text) => {
      cursor.lastRead = this.#reader.last;
      received(text);
    });
    this.#renewAlive();
    this.#timers.push(setInterval(() => this.#renewAlive(), ALIVE_INTERVAL).unref());
    this.#timers.push(setInterval(() => this.#trim(), TRIM_INTERVAL).unref());
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#reader.close();
  }

  forget(): Promise<unknown> {
    const { client } = this.#cursor;
    return this.#redis.del(this.#keys.inbox(client), this.#keys.alive(client));
  }

  #renewAlive(): void {
    void this.#redis.set(this.#keys.alive(this.#cursor.client), '1', 'PX', ALIVE_TTL).catch(() => {});
  }

  /** Deletes the inbox entries that were read. */
  #trim(): void {
    const { client, lastRead } = this.#cursor;
    if (lastRead === '0' || this.#redis.status !== 'ready') return;
    void this.#redis.xtrim(this.#keys.inbox(client), 'MINID', lastRead).catch(() => {});
  }
}
