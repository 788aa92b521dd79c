/** Connections that end while they wait to connect again. A fake Redis closes them. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endAtOnce } from '../../../src/bullmq/redis/end-at-once.js';

let server: Server;

/** Closes each connection at its first command. */
beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => void server.close());

/** Unlike `once` of Node, does not reject if an attempt to connect fails meanwhile. */
function waits(redis: Redis): Promise<void> {
  return new Promise((resolve) => void redis.once('reconnecting', () => resolve()));
}

/** Opens a connection, whose attempts to connect again take place after these times in ms. */
function open(...delays: number[]): Redis {
  const redis = new Redis({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt: number) => delays[attempt - 1] ?? 600_000,
  } as never);
  redis.on('error', () => {});
  endAtOnce(redis);
  return redis;
}

it('a connection that waits to connect again emits "end" at disconnect(), and rejects the command that blocks', async () => {
  const redis = open();
  const job = redis.bzpopmin('jobs', 0);
  await waits(redis);
  redis.disconnect();
  await Promise.all([once(redis, 'end'), expect(job).rejects.toThrow('Connection is closed')]);
  expect(redis.status).toBe('end');
});

it('a command that blocks is rejected too if another attempt has failed before disconnect()', async () => {
  const redis = open(0);
  const job = redis.bzpopmin('jobs', 0);
  await waits(redis);
  server.close();
  await waits(redis);
  redis.disconnect();
  await expect(job).rejects.toThrow('Connection is closed');
});

it('disconnect(true) leaves a connection waiting, because it is to connect again', async () => {
  const redis = open();
  redis.bzpopmin('jobs', 0).catch(() => {});
  await waits(redis);
  redis.disconnect(true);
  expect(redis.status).toBe('reconnecting');
  redis.disconnect();
  await once(redis, 'end');
});
