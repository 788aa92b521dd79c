/** Connections to Redis: opened within a time, told apart where they fail, and never in the way of a process that wants to end. */

import { createRequire } from 'node:module';
import type { Queue, Worker } from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { clearTimeout, performance } from '../../platform/time.js';
import { after } from '../../platform/timers.js';
import { isClient, type RedisConnection } from './connection-options.js';
import { Heartbeat, socketOf } from './heartbeat.js';

type Driver = typeof import('ioredis');
type BullMQ = typeof import('bullmq');

/** @throws Error that says what to install */
export async function loadDriver(): Promise<Driver> {
  return (await load('ioredis')) as Driver;
}

/** @throws Error that says what to install */
export async function loadBullMQ(): Promise<BullMQ> {
  return (await load('bullmq')) as BullMQ;
}

/** ioredis and BullMQ are looked up at run time, since they are optional: whoever uses threads alone has neither. */
async function load(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (cause) {
    if (isMissing(name)) {
      throw new Error(`rx-futures/bullmq needs ${name}, which is not installed: npm install bullmq ioredis`, { cause });
    }
    throw cause;
  }
}

function isMissing(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return false;
  } catch {
    return true;
  }
}

/** Time in ms without an answer after which a connection is replaced: the default, and the shortest that an option can set. */
const SILENCE = 10_000;
const LEAST_SILENCE = 1_000;
/** Time in ms in which a socket may close in order, before ioredis destroys it. Its default is 2 s. */
const DISCONNECT = 100;
/** Oldest version of Redis that works: XTRIM by id came with it. */
const OLDEST = [6, 2] as const;

/**
 * Time in ms without an answer after which a connection counts as dead.
 *
 * The options `commandTimeout` and `socketTimeout` shorten it. ioredis does not get them, because `commandTimeout` rejects commands that Redis may
 * have run, and both interrupt commands that block on purpose (https://github.com/redis/ioredis/issues/1630).
 */
export function silenceOf(connection: RedisConnection, most: number): number {
  const options = optionsOf(connection);
  const given = [options.commandTimeout, options.socketTimeout].filter((ms) => typeof ms === 'number' && ms > 0);
  return Math.min(SILENCE, most, ...given.map((ms) => Math.max(ms!, LEAST_SILENCE)));
}

function optionsOf(connection: RedisConnection): RedisOptions {
  if (typeof connection === 'string' || connection instanceof URL) return {};
  return isClient(connection) ? connection.options : connection;
}

export interface Wanted {
  readonly connection: RedisConnection;
  /** ms in which it has to be open. */
  readonly connectTimeout: number;
  /** Time in ms, from {@link silenceOf}. */
  readonly silence: number;
  /** It keeps the process alive: that of a worker; a client's futures see to that themselves. */
  readonly isKeptAlive: boolean;
  /** Aborted when the connection is not needed any more. */
  readonly signal?: AbortSignal;
}

/** A connection and its heartbeat. */
export interface Line {
  readonly redis: Redis;
  readonly heartbeat: Heartbeat;
}

/**
 * An open connection, which finds Redis again by itself when it is lost.
 *
 * @throws Error where Redis can't be reached in time, or turns us away; its cause is what ioredis says
 */
export async function connect(wanted: Wanted): Promise<Line> {
  const { Redis } = await loadDriver();
  return open(make(Redis, wanted), wanted, 0);
}

/** A second connection to the same place, for commands that block for `block` ms at most. */
export function another(redis: Redis, wanted: Wanted, block: number): Promise<Line> {
  return open(redis.duplicate({ lazyConnect: true }), wanted, block);
}

async function open(redis: Redis, wanted: Wanted, block: number): Promise<Line> {
  if (!wanted.isKeptAlive) unref(redis);
  const line = { redis, heartbeat: new Heartbeat(redis, { silence: wanted.silence, block }) };
  try {
    await opened(redis, wanted);
    return line;
  } catch (error) {
    letGo(line);
    throw error;
  }
}

/** Closes the connection at once. Commands that were not sent are dropped. */
export function letGo({ redis, heartbeat }: Line): void {
  heartbeat.close();
  redis.disconnect();
  socketOf(redis).stream?.destroy();
}

function opened(redis: Redis, { connectTimeout, isKeptAlive, signal }: Wanted): Promise<void> {
  const where = describe(redis);
  let last: unknown;
  let isOver = false;
  return new Promise<void>((resolve, reject) => {
    const over = (): boolean => {
      const was = isOver;
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      return !was;
    };
    const fail = (what: string, cause?: unknown): void => {
      if (over()) reject(new Error(`Redis at ${where} ${what}`, { cause }));
    };
    const aborted = (): void => fail('is not needed any more');
    const why = () => (last instanceof Error ? ` (${messageOf(last)})` : '');
    const timer = after(connectTimeout, () => fail(`did not answer within ${connectTimeout} ms${why()}`, last));
    if (!isKeptAlive) timer.unref();
    signal?.addEventListener('abort', aborted);
    if (signal?.aborted) return aborted();
    redis.on('error', (error: Error) => {
      // From then on it finds Redis again by itself.
      if (isOver) return;
      last = error;
      const { message } = error;
      if (/WRONGPASS|NOAUTH|NOPERM|invalid password|invalid username/i.test(message)) {
        fail(`turns us away: ${message}`, error);
      }
      // Without this, ioredis goes on with database 0.
      if (/DB index/i.test(message)) fail(`has no database ${redis.options.db}: ${message}. Correct db`, error);
    });
    redis.once('end', () => fail(`can't be reached, and retryStrategy gives up${why()}`, last));
    redis.once('ready', () => {
      if (over()) resolve();
    });
    redis.connect().catch((error: unknown) => {
      // It goes on trying by itself.
      last ??= error;
    });
  });
}

/** @throws Error if the promise takes longer, or if `signal` is aborted */
export async function within<T>(ms: number, promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  let stop = () => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      const timer = after(ms, () => reject(new Error(`Redis did not answer within ${ms} ms`))).unref();
      const aborted = (): void => reject(new Error('Redis is not needed any more'));
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

/** @throws Error if the version of Redis is too old. Other servers number their versions differently. */
export function checkVersion(redis: Redis, { backend }: Queue | Worker): void {
  const { redisVersion: version, databaseType: kind } = backend;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least, and] = OLDEST;
  if (kind !== 'redis' || major > least || (major === least && minor >= and)) return;
  throw new Error(`Redis at ${describe(redis)} has version ${version}. Update it to ${OLDEST.join('.')} or later`);
}

/** Lets the process of an idle client end: neither its socket nor the timer of the next attempt keeps the process alive. */
function unref(redis: Redis): void {
  redis.on('connect', () => socketOf(redis).stream?.unref?.());
  redis.on('reconnecting', () => socketOf(redis).reconnectTimeout?.unref());
}

function make(Redis: Driver['Redis'], { connection, silence }: Wanted): Redis {
  const given = optionsOf(connection);
  const ours = {
    lazyConnect: true,
    // Without a limit to retries: what was sent is sent again when Redis is back. How long that may take is for the caller to say.
    maxRetriesPerRequest: null,
    // The heartbeat has deadlines of its own.
    commandTimeout: undefined,
    socketTimeout: undefined,
    blockingTimeout: undefined,
    connectTimeout: Math.min(given.connectTimeout ?? silence, silence),
    disconnectTimeout: DISCONNECT,
    sentinelCommandTimeout: given.sentinelCommandTimeout ?? silence,
    maxLoadingRetryTime: Math.min(given.maxLoadingRetryTime ?? silence, silence / 2),
    reconnectOnError: given.reconnectOnError ?? afterFailover(silence),
    // This code and BullMQ expect answers in this form, and commands in the order of their calls.
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

/** After a failover the old primary is a replica and keeps its connections. A new connection may lead to the new primary; one attempt in `pause` ms. */
function afterFailover(pause: number): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return ({ message }) => {
    if (!message.startsWith('READONLY') || performance.now() - last < pause) return false;
    last = performance.now();
    return true;
  };
}

/** Address of Redis, for messages. */
export function describe({ options: { host, port, path, sentinels, name } }: Redis): string {
  if (sentinels?.length) {
    return `the sentinels ${sentinels.map((at) => `${at.host ?? 'localhost'}:${at.port ?? 26_379}`).join(', ')} (${name})`;
  }
  return path ?? `${host}:${port}`;
}

function messageOf(error: Error): string {
  // Of several addresses that were tried, none has answered.
  return error.message || ((error as AggregateError).errors ?? []).map(String).join(', ') || error.name;
}
