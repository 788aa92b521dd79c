/**
 * Connections to Redis. They open within a time limit, report why they failed, and never keep an
 * idle client's process alive.
 */
import type { Queue, Worker } from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { clearTimeout, performance } from '#platform/time';
import { after } from '#platform/timers';
import { isClient, type RedisConnection } from '../options/connection-options.js';
import { Heartbeat, socketOf } from './heartbeat.js';
import { type Driver, loadDriver } from './packages.js';

/**
 * Time in ms without a reply after which a connection is replaced: the default, and the minimum
 * that an option can set.
 */
const DEFAULT_SILENCE = 10_000;
const MIN_SILENCE = 1_000;
/**
 * Time in ms in which a socket may close in order, before ioredis destroys it. ioredis waits for
 * 2 s by default.
 */
const DISCONNECT_TIMEOUT = 100;
/** Oldest version of Redis that works. It is the first one with XTRIM MINID. */
const MIN_VERSION = [6, 2] as const;
/** The end of the message of a connection that was given up while it opened. */
const CLOSED_EARLY = 'did not answer before the executor ended. Await executor.ready() before you end the executor';

/**
 * Returns the time in ms without a reply after which a connection counts as dead.
 *
 * The options `commandTimeout` and `socketTimeout` shorten it. They are not passed on to ioredis.
 * `commandTimeout` rejects commands that Redis may have executed, and both interrupt commands that
 * block on purpose (https://github.com/redis/ioredis/issues/1630).
 */
export function silenceOf(connection: RedisConnection, most: number): number {
  const options = optionsOf(connection);
  const given = [options.commandTimeout, options.socketTimeout].filter((ms) => typeof ms === 'number' && ms > 0);
  return Math.min(DEFAULT_SILENCE, most, ...given.map((ms) => Math.max(ms!, MIN_SILENCE)));
}

function optionsOf(connection: RedisConnection): RedisOptions {
  if (typeof connection === 'string' || connection instanceof URL) return {};
  return isClient(connection) ? connection.options : connection;
}

export interface ConnectOptions {
  readonly connection: RedisConnection;
  /** Maximum time in ms until the connection is open. */
  readonly connectTimeout: number;
  /** Time in ms without a byte from Redis after which the connection counts as dead. */
  readonly silence: number;
  /**
   * True if the connection keeps the process alive. A server sets it. A client does not, because
   * its pending futures keep the process alive.
   */
  readonly isKeptAlive: boolean;
  /** Aborted when the connection is no longer needed. */
  readonly signal?: AbortSignal;
}

/** A connection and its heartbeat. */
export interface OpenConnection {
  readonly redis: Redis;
  readonly heartbeat: Heartbeat;
}

/**
 * Opens a connection. After a loss it connects again by itself.
 *
 * @throws Error if Redis can't be reached in time, or rejects the connection; its cause is the
 *   error of ioredis
 */
export async function connect(wanted: ConnectOptions): Promise<OpenConnection> {
  const { Redis } = await loadDriver();
  return open(create(Redis, wanted), wanted, 0);
}

/** Opens a second connection to the same Redis, for commands that block for up to `block` ms. */
export function connectCopy(redis: Redis, wanted: ConnectOptions, block: number): Promise<OpenConnection> {
  return open(redis.duplicate({ lazyConnect: true }), wanted, block);
}

async function open(redis: Redis, wanted: ConnectOptions, block: number): Promise<OpenConnection> {
  if (!wanted.isKeptAlive) unref(redis);
  const connection = { redis, heartbeat: new Heartbeat(redis, { silence: wanted.silence, block }) };
  try {
    await whenReady(redis, wanted);
    return connection;
  } catch (error) {
    disconnect(connection);
    throw error;
  }
}

/** Closes the connection at once. Commands that were not sent are dropped. */
export function disconnect({ redis, heartbeat }: OpenConnection): void {
  heartbeat.close();
  redis.disconnect();
  socketOf(redis).stream?.destroy();
}

function whenReady(redis: Redis, { connectTimeout, isKeptAlive, signal }: ConnectOptions): Promise<void> {
  const where = describe(redis);
  let last: unknown;
  let isSettled = false;
  return new Promise<void>((resolve, reject) => {
    const settle = (): boolean => {
      const was = isSettled;
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      return !was;
    };
    const fail = (what: string, cause?: unknown): void => {
      if (settle()) reject(new Error(`Redis at ${where} ${what}`, { cause }));
    };
    const aborted = (): void => fail(CLOSED_EARLY);
    const why = () => (last instanceof Error ? ` (${messageOf(last)})` : '');
    const timer = after(connectTimeout, () =>
      fail(
        `did not answer within ${connectTimeout} ms${why()}. Check its address and the network, or raise connectTimeout`,
        last,
      ),
    );
    if (!isKeptAlive) timer.unref();
    signal?.addEventListener('abort', aborted);
    if (signal?.aborted) return aborted();
    redis.on('error', (error: Error) => {
      // After the first connection, ioredis connects again by itself.
      if (isSettled) return;
      last = error;
      const { message } = error;
      if (/WRONGPASS|NOAUTH|NOPERM|invalid password|invalid username/i.test(message)) {
        fail(`rejected the connection: ${message}. Check the username and password in the option "connection"`, error);
      }
      // Without this check, ioredis would continue with database 0.
      if (/DB index/i.test(message))
        fail(`has no database ${redis.options.db}: ${message}. Correct the option "db"`, error);
    });
    redis.once('end', () =>
      fail(
        `can't be reached, and retryStrategy ended the attempts${why()}. Check its address and the network, or return a delay from retryStrategy`,
        last,
      ),
    );
    redis.once('ready', () => {
      if (settle()) resolve();
    });
    redis.connect().catch((error: unknown) => {
      // ioredis keeps trying by itself.
      last ??= error;
    });
  });
}

/** @throws Error if the promise takes longer than `ms`, or if `signal` is aborted */
export async function within<T>(ms: number, promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  let stop = () => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      const timer = after(ms, () =>
        reject(new Error(`Redis did not answer within ${ms} ms. Check its load and the network`)),
      ).unref();
      const aborted = (): void => reject(new Error(`Redis ${CLOSED_EARLY}`));
      signal?.addEventListener('abort', aborted);
      if (signal?.aborted) aborted();
      stop = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      promise.then(resolve, reject);
    });
  } finally {
    stop();
  }
}

/** @throws Error if the version of Redis is too old. Other databases have other version numbers. */
export function checkVersion(redis: Redis, { backend }: Queue | Worker): void {
  const { redisVersion: version, databaseType: kind } = backend;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least, and] = MIN_VERSION;
  if (kind !== 'redis' || major > least || (major === least && minor >= and)) return;
  throw new Error(`Redis at ${describe(redis)} has version ${version}. Update it to ${MIN_VERSION.join('.')} or later`);
}

/**
 * Lets the process of an idle client end: neither the socket nor the timer of the next attempt
 * keeps the process alive.
 */
function unref(redis: Redis): void {
  redis.on('connect', () => socketOf(redis).stream?.unref?.());
  redis.on('reconnecting', () => socketOf(redis).reconnectTimeout?.unref());
}

function create(Redis: Driver['Redis'], { connection, silence }: ConnectOptions): Redis {
  const given = optionsOf(connection);
  const ours = {
    lazyConnect: true,
    // No limit to retries: ioredis sends commands again when Redis is back. The caller limits the
    // time for which Redis may be unreachable.
    maxRetriesPerRequest: null,
    // The heartbeat detects a dead connection by its own time limits.
    commandTimeout: undefined,
    socketTimeout: undefined,
    blockingTimeout: undefined,
    connectTimeout: Math.min(given.connectTimeout ?? silence, silence),
    disconnectTimeout: DISCONNECT_TIMEOUT,
    sentinelCommandTimeout: given.sentinelCommandTimeout ?? silence,
    maxLoadingRetryTime: Math.min(given.maxLoadingRetryTime ?? silence, silence / 2),
    reconnectOnError: given.reconnectOnError ?? afterFailover(silence),
    // Both this library and BullMQ expect replies in this form, and commands in the order of their
    // calls.
    enableReadyCheck: true,
    stringNumbers: false,
    replyMapping: 'legacy',
    enableAutoPipelining: false,
  } as const;
  if (typeof connection === 'string') return new Redis(connection, ours);
  if (connection instanceof URL) return new Redis(connection.href, ours);
  if (isClient(connection)) return connection.duplicate(ours);
  return new Redis({ ...connection, ...ours });
}

/**
 * Reconnects after a failover. The old primary is now a replica and keeps its connections; a new
 * connection may reach the new primary. Reconnects once in `pause` ms at most.
 */
function afterFailover(pause: number): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return ({ message }) => {
    if (!message.startsWith('READONLY') || performance.now() - last < pause) return false;
    last = performance.now();
    return true;
  };
}

/** Returns the address of Redis, for messages. */
export function describe({ options: { host, port, path, sentinels, name } }: Redis): string {
  if (sentinels?.length) {
    return `the sentinels ${sentinels.map((at) => `${at.host ?? 'localhost'}:${at.port ?? 26_379}`).join(', ')} (${name})`;
  }
  return path ?? `${host}:${port}`;
}

function messageOf(error: Error): string {
  // The error has no message if several addresses were tried and none answered.
  return error.message || ((error as AggregateError).errors ?? []).map(String).join(', ') || error.name;
}
