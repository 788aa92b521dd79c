/**
 * Checks the option `connection`. Each part of the option either works, or causes a TypeError that
 * names the part. Without the check, ioredis ignores unknown names and then connects to localhost,
 * where another Redis may listen.
 */
import type { Redis, RedisOptions } from 'ioredis';
import { show } from '../../util/validate.js';

/**
 * A URL of Redis as text or as a URL object, options of ioredis, or a connection of ioredis. The
 * connection is copied.
 */
export type RedisConnection = string | URL | RedisOptions | Redis;

/** @throws TypeError that names the part that does not work */
export function checkConnection(connection: unknown, where: string): void {
  const at = `${where}: connection`;
  if (typeof connection === 'string') checkUrl(connection, at);
  else if (connection instanceof URL) checkUrl(connection.href, at);
  else if (typeof connection !== 'object' || connection === null) throw unexpected(at, show(connection));
  else checkObject(connection, at);
}

function checkObject(connection: object, at: string): void {
  if ((connection as { isCluster?: unknown }).isCluster === true) {
    throw new TypeError(
      `${at}: expected a connection to one Redis, got a Cluster of ioredis. A queue needs all of its keys on one Redis server. Pass a connection to a Redis without cluster mode, or to sentinels.`,
    );
  }
  if (isClient(connection)) {
    checkOptions(connection.options, at);
    return;
  }
  if (!isPlain(connection)) throw unexpected(at, show(connection));
  checkNames(connection, at);
  checkOptions(connection, at);
}

/** Returns true for a connection of ioredis. Clients of other packages have no `defineCommand`. */
export function isClient(connection: object): connection is Redis {
  const { duplicate, defineCommand, options } = connection as Partial<Redis>;
  return typeof duplicate === 'function' && typeof defineCommand === 'function' && typeof options === 'object';
}

function unexpected(at: string, got: string): TypeError {
  return new TypeError(
    `${at}: expected a URL such as 'redis://localhost:6379', options of ioredis, or a connection of ioredis, got ${got}. Pass one of them.`,
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

// ── URLs ─────────────────────────────────────────────────────────────────────────────────────────

/**
 * Checks a URL, because ioredis accepts any text. It reads `http://localhost` as the host `http`,
 * and a database that is not a number as 0.
 */
function checkUrl(text: string, at: string): void {
  const shown = JSON.stringify(withoutPassword(text));
  const refuse: (why: string, advice?: string) => never = (why, advice = 'Correct the URL.') => {
    throw new TypeError(`${at}: ${why}, got ${shown}. ${advice}`);
  };
  if (text === '') refuse("expected a URL such as 'redis://localhost:6379'");
  // A path of a Unix socket, or a port.
  if ((text.startsWith('/') && !text.startsWith('//')) || /^\d+$/.test(text)) return;
  const hasProtocol = text.includes('://');
  const url = parse(hasProtocol ? text : `redis://${text.replace(/^\/\//, '')}`);
  if (url === undefined) refuse("expected a URL such as 'redis://localhost:6379'");
  if (!/^rediss?:$/.test(url.protocol)) refuse('expected a URL with redis:// or rediss://');
  if (url.hostname === '') refuse('expected a URL that names a host');
  if (!/^\/?\d*$/.test(url.pathname)) refuse('expected the number of a database after the host, such as /2');
  for (const [name, value] of url.searchParams) {
    if (!inQuery.has(name)) {
      refuse(`the query of the URL can't set "${name}"`, 'Pass options of ioredis as an object.');
    }
    if (isWhole.has(name) && !/^\d+$/.test(value)) refuse(`expected a whole number for "${name}"`);
    checkOptions({ [name]: isWhole.has(name) ? Number(value) : value }, at);
  }
}

/** Options whose value can be text, because a query can hold only text. */
const inQuery: ReadonlySet<string> = new Set(['db', 'family', 'username', 'password', 'connectionName', 'keyPrefix']);
const isWhole: ReadonlySet<string> = new Set(['db', 'family']);

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Hides the password, for messages. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//***@').replace(/([?&]password=)[^&]*/g, '$1***');
}

// ── options ──────────────────────────────────────────────────────────────────────────────────────

type Kind = 'string' | 'number' | 'boolean' | 'function' | 'any';

/** All options of ioredis 5.4 to 6, with their types. ioredis reads `null` as "not set". */
const known: Readonly<Record<string, Kind>> = {
  host: 'string',
  port: 'any',
  path: 'string',
  family: 'number',
  username: 'string',
  password: 'string',
  db: 'any',
  tls: 'any',
  connectionName: 'string',
  clientInfoTag: 'string',
  disableClientInfo: 'boolean',
  keepAlive: 'number',
  noDelay: 'boolean',
  connectTimeout: 'number',
  disconnectTimeout: 'number',
  commandTimeout: 'number',
  socketTimeout: 'number',
  blockingTimeout: 'number',
  blockingTimeoutGrace: 'number',
  retryStrategy: 'function',
  reconnectOnError: 'function',
  maxRetriesPerRequest: 'number',
  maxLoadingRetryTime: 'number',
  lazyConnect: 'boolean',
  enableReadyCheck: 'boolean',
  enableOfflineQueue: 'boolean',
  enableAutoPipelining: 'boolean',
  autoPipeliningIgnoredCommands: 'any',
  autoResubscribe: 'boolean',
  autoResendUnfulfilledCommands: 'boolean',
  readOnly: 'boolean',
  stringNumbers: 'boolean',
  protocol: 'number',
  replyMapping: 'string',
  keyPrefix: 'string',
  monitor: 'boolean',
  showFriendlyErrorStack: 'boolean',
  offlineQueue: 'boolean',
  commandQueue: 'boolean',
  scripts: 'any',
  himportFieldsets: 'any',
  Connector: 'function',
  sentinels: 'any',
  name: 'string',
  role: 'string',
  sentinelUsername: 'string',
  sentinelPassword: 'string',
  sentinelTLS: 'any',
  sentinelCommandTimeout: 'number',
  sentinelRetryStrategy: 'function',
  sentinelReconnectStrategy: 'function',
  sentinelMaxConnections: 'number',
  enableTLSForSentinelMode: 'boolean',
  updateSentinels: 'boolean',
  failoverDetector: 'boolean',
  preferredSlaves: 'any',
  natMap: 'any',
  // BullMQ reads this option, and ioredis does not.
  skipVersionCheck: 'boolean',
};

function checkNames(options: object, at: string): void {
  for (const name of Object.keys(options)) {
    if (name === 'url')
      throw new TypeError(`${at}.url: ioredis has no option "url". Pass the URL itself as connection.`);
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(
        `${at}: ioredis has no option "${name}". Correct the name. To use an option of a later ioredis, pass a connection of ioredis.`,
      );
    }
  }
}

/** Options that a queue can't honour: the only value that works, and the advice. */
const refused: Readonly<Record<string, readonly [works: unknown, why: string]>> = {
  keyPrefix: ['', 'BullMQ does not support it. Use the option "prefix" instead'],
  enableOfflineQueue: [
    true,
    'commands that are sent while Redis is unreachable must wait. Remove the option, and limit the time with giveUpAfter',
  ],
  autoResendUnfulfilledCommands: [
    true,
    'commands without a reply must be sent again when the connection breaks. Remove the option',
  ],
  readOnly: [false, 'a queue needs write access. Connect to the primary'],
  role: ['master', 'a queue needs write access. Connect to the primary'],
  monitor: [false, 'a monitoring connection accepts no commands. Remove the option'],
};

/** @throws TypeError. The options of a connection that is copied are checked as well. */
function checkOptions(options: object, at: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    // With null, ioredis would never connect again.
    if (value === null ? name === 'retryStrategy' : !isOfKind(value, known[name])) {
      throw new TypeError(`${at}.${name}: expected a ${known[name]}, got ${show(value)}. Correct the value.`);
    }
    const rule = Object.hasOwn(refused, name) ? refused[name]! : undefined;
    if (rule !== undefined && value !== null && value !== rule[0]) {
      throw new TypeError(`${at}.${name}: the value ${show(value)} does not work with a queue: ${rule[1]}.`);
    }
  }
  const { port, db, sentinels, name } = options as RedisOptions;
  if (!isInteger(port, 65_535))
    throw new TypeError(`${at}.port: expected a port number, got ${show(port)}. Pass an integer from 0 to 65,535.`);
  if (!isInteger(db)) {
    throw new TypeError(`${at}.db: expected the number of a database, 0 or more, got ${show(db)}. Correct the number.`);
  }
  if (sentinels == null) return;
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    throw new TypeError(
      `${at}.sentinels: expected an array of { host, port }, got ${show(sentinels)}. List the sentinels.`,
    );
  }
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(
      `${at}.name: expected the name of the group that the sentinels watch, got ${show(name)}. Set the name.`,
    );
  }
}

function isOfKind(value: unknown, kind: Kind | undefined): boolean {
  return kind === undefined || kind === 'any' || typeof value === kind;
}

/**
 * Returns true for an integer from 0 to `most`, and for a missing value. Text of digits counts as
 * an integer, because environment variables are text.
 */
function isInteger(value: unknown, most = Number.MAX_SAFE_INTEGER): boolean {
  if (value == null) return true;
  if (typeof value === 'string' && !/^\d+$/.test(value)) return false;
  const number = typeof value === 'string' ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 && (number as number) <= most;
}
