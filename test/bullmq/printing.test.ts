/** How the backend and the service of a queue print: one line each, without the connection. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bullmqBackend } from '../../src/bullmq.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { anyQueue, serveHere } from './support/servers.js';

let redis: RedisServer;

describeWithRedis('A TaskService', () => {
  beforeAll(async () => {
    redis = await startRedis({ password: 'secret' });
  });
  afterAll(() => redis.stop());

  it('a TaskService prints its name, its queue and its state, but not the password of Redis', async () => {
    const queue = anyQueue();
    const service = await serveHere({ connection: redis.url, queue }, { name: 'loom' });
    expect(inspect(service)).toBe(`TaskService { loom, queue ${queue}, open }`);
    expect(`${service}`).toBe(`TaskService { loom, queue ${queue}, open }`);
    expect(JSON.parse(JSON.stringify(service))).toEqual({ name: 'loom', queue, state: 'open' });
    expect(inspect(service, { showHidden: true, depth: 9, customInspect: false })).not.toContain('secret');
    await service.close();
    expect(inspect(service)).toBe(`TaskService { loom, queue ${queue}, closed }`);
  });
});

it('a bullmqBackend prints without the password of Redis', () => {
  const backend = bullmqBackend({ connection: 'redis://:secret@localhost:6379', queue: 'pages' });
  expect(inspect(backend, { showHidden: true, depth: 9 })).not.toContain('secret');
  expect(JSON.stringify(backend)).not.toContain('secret');
});
