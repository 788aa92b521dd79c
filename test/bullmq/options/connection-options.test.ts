/** The option `connection`: each part works, or a TypeError names it at once. */
import { Cluster, Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { bullmqBackend, serveTasks } from '../../../src/bullmq.js';
import { describeWithRedis, startRedis } from '../../support/redis.js';
import { until } from '../../support/until.js';
import { Network } from '../support/network.js';
import { anyQueue, openClient, serveHere } from '../support/servers.js';

const lazy = (options: object = {}) => new Redis({ lazyConnect: true, ...options });
const backend = (connection: unknown) => bullmqBackend({ connection: connection as string, queue: 'q' });

describe('The option connection', () => {
  it.each<[what: string, connection: unknown, message: RegExp]>([
    ['nothing', undefined, /connection: expected a URL .*got undefined/],
    ['an empty URL', '', /expected a URL/],
    ['a URL of another protocol', 'http://localhost:6379', /expected a URL with redis:\/\/ or rediss:\/\/, got "http:/],
    ['a URL object of another protocol', new URL('https://localhost'), /expected a URL with redis:\/\//],
    ['a URL without a host', 'redis://', /expected a URL/],
    ['a URL with a port that is none', 'redis://localhost:99999', /expected a URL/],
    [
      'a database that is no number',
      'redis://localhost:6379/pages',
      /the number of a database .*"redis:\/\/localhost:6379\/pages"/,
    ],
    ['a database in the query that is no number', 'redis://localhost?db=pages', /whole number for "db"/],
    ['a timeout in the query', 'redis://localhost?commandTimeout=10', /query of the URL can't set "commandTimeout"/],
    ['a prefix in the query', 'redis://localhost?keyPrefix=mine:', /keyPrefix.*option "prefix"/],
    ['a Map', new Map(), /got a Map/],
    ['a list', ['redis://localhost'], /got an Array/],
    ['a Cluster', new Cluster([{ port: 1 }], { lazyConnect: true }), /got a Cluster of ioredis/],
    ['a client of another package', Object.assign(Object.create({ duplicate() {} }), {}), /expected a URL/],
    ['a name that ioredis does not know', { hots: 'redis' }, /ioredis has no option "hots"/],
    ['a url in options', { url: 'redis://localhost' }, /connection\.url: .*Pass the URL itself/],
    ['a port that is none', { port: 99_999 }, /connection\.port/],
    ['a port that is text', { port: 'redis' }, /connection\.port.*"redis"/],
    ['a database that is less than 0', { db: -1 }, /connection\.db/],
    ['a database that is text', { db: 'pages' }, /connection\.db.*"pages"/],
    ['a host that is none', { host: 5 }, /connection\.host: expected a string, got 5/],
    ['a timeout that is text', { commandTimeout: '1s' }, /connection\.commandTimeout: expected a number, got "1s"/],
    ['keyPrefix', { keyPrefix: 'mine:' }, /connection\.keyPrefix.*option "prefix"/],
    ['no offline queue', { enableOfflineQueue: false }, /connection\.enableOfflineQueue.*giveUpAfter/],
    ['nothing to be sent again', { autoResendUnfulfilledCommands: false }, /connection\.autoResendUnfulfilledCommands/],
    ['a replica', { sentinels: [{ port: 1 }], name: 'main', role: 'slave' }, /connection\.role/],
    ['reading only', { readOnly: true }, /connection\.readOnly/],
    ['monitoring', { monitor: true }, /connection\.monitor/],
    ['no retries', { retryStrategy: null }, /connection\.retryStrategy: expected a function, got null/],
    ['no sentinels', { sentinels: [] }, /connection\.sentinels/],
    ['sentinels without a name', { sentinels: [{ host: 'a' }] }, /connection\.name/],
    ['a connection with keyPrefix', lazy({ keyPrefix: 'mine:' }), /connection\.keyPrefix/],
    ['a connection without an offline queue', lazy({ enableOfflineQueue: false }), /connection\.enableOfflineQueue/],
    [
      'a connection to a database that is no number',
      new Redis('redis://h/pages', { lazyConnect: true }),
      /connection\.db/,
    ],
  ])('client and server reject %s as connection at once', async (_, connection, message) => {
    expect(() => backend(connection)).toThrow(TypeError);
    expect(() => backend(connection)).toThrow(message);
    const serving = serveTasks({ connection: connection as string, queue: 'q', tasks: './none.js' });
    await expect(serving).rejects.toThrow(message);
  });

  it.each<[what: string, connection: unknown]>([
    ['a URL', 'redis://user:secret@localhost:6379/2'],
    ['a URL with TLS and a query', 'rediss://localhost?family=6&db=3'],
    ['a URL object', new URL('redis://localhost')],
    ['host and port', 'localhost:6379'],
    ['a port', '6379'],
    ['the path of a socket', '/tmp/redis.sock'],
    ['options', { host: 'localhost', port: '6379', db: '1', tls: {}, retryStrategy: () => 5, password: undefined }],
    ['sentinels', { sentinels: [{ host: 'a', port: 1 }], name: 'main', password: null }],
    ['no options', {}],
    ['a connection of ioredis', lazy({ maxRetriesPerRequest: 20, commandTimeout: 100 })],
  ])('a client accepts %s as connection', (_, connection) => {
    expect(() => backend(connection)).not.toThrow();
  });

  it('an error shows the connection without its password', () => {
    expect(() => backend('redis://me:secret@localhost/pages')).toThrow(/redis:\/\/\*\*\*@localhost\/pages/);
    expect(() => backend('redis://localhost/x?password=secret')).toThrow(/password=\*\*\*/);
  });
});

describeWithRedis('A connection to Redis', () => {
  it.each<[what: string, options: object]>([
    ['commandTimeout and socketTimeout', { commandTimeout: 300, socketTimeout: 300, blockingTimeout: 200 }],
    ['enableReadyCheck and lazyConnect', { enableReadyCheck: false, lazyConnect: false }],
    ['stringNumbers and enableAutoPipelining', { stringNumbers: true, enableAutoPipelining: true }],
    ['protocol 2', { protocol: 2 }],
    ['replyMapping', { protocol: 3, replyMapping: 'resp3' }],
    ['maxRetriesPerRequest', { maxRetriesPerRequest: 1, connectionName: 'mine', db: 3 }],
  ])('client and server work with %s in the connection', async (_, options) => {
    const redisServer = await startRedis();
    const connection = { host: '127.0.0.1', port: redisServer.port, ...options };
    const address = { connection: connection as never, queue: anyQueue() };
    const service = await serveHere(address);
    const client = openClient(address);
    try {
      expect(await client.tasks.add(1, 1)).toBe(2);
      // Until BullMQ has been blocked in BZPOPMIN for longer than commandTimeout.
      await until(async () => (await blockedFor(redisServer.url)) >= 1);
      const outcome = client.tasks.add(2, 2);
      expect(await outcome.result({ timeout: 4_000 })).toBe(4);
      expect(await client.attach(outcome.id)).toBe(4);
    } finally {
      await client.terminate();
      await service.close();
      await redisServer.stop();
    }
  });

  it('a database that does not exist causes an error that names it', async () => {
    const redisServer = await startRedis();
    try {
      const address = { connection: `redis://127.0.0.1:${redisServer.port}/99`, queue: anyQueue() };
      const client = openClient(address);
      await expect(client.tasks.add(1, 1)).rejects.toThrow(/has no database 99: .*Correct the option "db"/);
      await client.terminate();
      await expect(serveHere(address)).rejects.toThrow(/has no database 99/);
    } finally {
      await redisServer.stop();
    }
  });

  it('a Redis before 6.2 causes an error that names its version', async () => {
    const redisServer = await startRedis();
    await using network = await Network.open(redisServer.port);
    network.rewrite = (chunk) =>
      Buffer.from(chunk.toString('latin1').replace(/redis_version:\d\.\d/, 'redis_version:6.0'), 'latin1');
    try {
      const address = { connection: network.url, queue: anyQueue() };
      const client = openClient(address);
      await expect(client.tasks.add(1, 1)).rejects.toThrow(/has version 6\.0\.\d+\. Update it to 6\.2 or later/);
      await client.terminate();
      await expect(serveHere(address)).rejects.toThrow(/Update it to 6\.2/);
    } finally {
      await redisServer.stop();
    }
  });

  it('a retryStrategy that ends the attempts rejects the futures and closes the server', async () => {
    const redisServer = await startRedis();
    const connection = { host: '127.0.0.1', port: redisServer.port, retryStrategy: () => null };
    const address = { connection: connection as never, queue: anyQueue() };
    const service = await serveHere(address);
    const client = openClient(address, { connectTimeout: 500 });
    const future = client.tasks.untilAborted('/nowhere' as never);
    await new Promise((started) => service.events.subscribe(started));
    await redisServer.stop();
    await expect(future).rejects.toThrow();
    await expect(service.closed).rejects.toThrow(/retryStrategy ended the attempts to reconnect/);
    await client.terminate();
    await service.close();
  });
});

/** Returns the number of seconds for which the oldest BZPOPMIN has been blocked; 0 if none is. */
async function blockedFor(url: string): Promise<number> {
  const reader = new Redis(url);
  try {
    const clients = String(await reader.client('LIST')).split('\n');
    const blocked = clients.filter((line) => line.includes('cmd=bzpopmin'));
    return Math.max(0, ...blocked.map((line) => Number(/ idle=(\d+)/.exec(line)![1])));
  } finally {
    reader.disconnect();
  }
}
