/** Connections to Redis: opened within a time, told apart where they fail, and never in the way of a process that wants to end. */
import { createRequire } from 'node:module';
import type { Redis, RedisOptions } from 'ioredis';
import { clearTimeout } from '../time.js';
import { after } from '../timers.js';

/** Where Redis is: a URL, ioredis's options, or a connection of ioredis, which is not used itself but copied. */
export type RedisConnection = string | RedisOptions | Redis;

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

export interface Wanted {
  readonly connection: RedisConnection;
  /** ms in which it has to be open. */
  readonly connectTimeout: number;
  /** It keeps the process alive: that of a worker; a client's futures see to that themselves. */
  readonly isKeptAlive: boolean;
}

/**
 * An open connection, which finds Redis again by itself when it is lost.
 *
 * @throws Error where Redis can't be reached in time, or turns us away; its cause is what ioredis says
 */
export async function connect({ connection, connectTimeout, isKeptAlive }: Wanted): Promise<Redis> {
  const { Redis } = await loadDriver();
  const client = make(Redis, connection);
  if (!isKeptAlive) unref(client);
  const where = describe(client);
  let last: unknown;
  let isOpen = false;
  await new Promise<void>((resolve, reject) => {
    const timer = after(connectTimeout, () => {
      const why = last instanceof Error ? ` (${messageOf(last)})` : '';
      fail(new Error(`Redis at ${where} did not answer within ${connectTimeout} ms${why}`, { cause: last }));
    });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      client.disconnect();
      reject(error);
    };
    client.on('error', (error: Error) => {
      // From then on it finds Redis again by itself.
      if (isOpen) return;
      last = error;
      if (/WRONGPASS|NOAUTH|NOPERM|invalid password|invalid username/i.test(error.message)) {
        fail(new Error(`Redis at ${where} turns us away: ${error.message}`, { cause: error }));
      }
    });
    client.once('ready', () => {
      isOpen = true;
      clearTimeout(timer);
      resolve();
    });
    client.connect().catch((error: unknown) => {
      // It goes on trying by itself.
      last ??= error;
    });
  });
  return client;
}

/** A second connection to the same place, for commands that wait there. */
export async function another(client: Redis, isKeptAlive: boolean): Promise<Redis> {
  const copy = client.duplicate({ lazyConnect: true });
  copy.on('error', () => {});
  if (!isKeptAlive) unref(copy);
  await copy.connect();
  return copy;
}

/** The socket of an idle client must not keep its process from ending. */
function unref(client: Redis): void {
  client.on('connect', () => (client as unknown as { stream?: { unref?(): void } }).stream?.unref?.());
}

function make(Redis: Driver['Redis'], connection: RedisConnection): Redis {
  // Without a limit to retries: what was sent is sent again when Redis is back. How long that may take is for the caller to say.
  const ours = { lazyConnect: true, maxRetriesPerRequest: null };
  if (typeof connection === 'string') return new Redis(connection, ours);
  if (isClient(connection)) return connection.duplicate(ours);
  return new Redis({ ...connection, ...ours });
}

function isClient(connection: RedisOptions | Redis): connection is Redis {
  return typeof (connection as Redis).duplicate === 'function';
}

function describe({ options: { host, port, path } }: Redis): string {
  return path ?? `${host}:${port}`;
}

function messageOf(error: Error): string {
  // Of several addresses that were tried, none has answered.
  return error.message || ((error as AggregateError).errors ?? []).map(String).join(', ') || error.name;
}
