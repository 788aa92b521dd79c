/** A Redis that cannot be used from the start: a wrong password, or no answer. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { BrokenExecutorError } from 'rx-futures';
import { expect, it } from 'vitest';
import { describeWithRedis, startRedis } from '../support/redis.js';
import { anyQueue, openClient, type QueueAddress, serveHere } from './support/servers.js';

describeWithRedis('A Redis that cannot be used', () => {
  it('a wrong password causes an error with the address and the reason', async () => {
    const redisServer = await startRedis({ password: 'right' });
    try {
      const address = { connection: `redis://:wrong@127.0.0.1:${redisServer.port}`, queue: anyQueue() };
      await expectBroken(address, new RegExp(`127\\.0\\.0\\.1:${redisServer.port} rejected the connection: WRONGPASS`));
      const none = { connection: `redis://127.0.0.1:${redisServer.port}`, queue: anyQueue() };
      await expectBroken(none, new RegExp(`127\\.0\\.0\\.1:${redisServer.port} rejected the connection: NOAUTH`));
    } finally {
      await redisServer.stop();
    }
  });

  it('a port without a listener causes an error within connectTimeout', async () => {
    const redisServer = await startRedis();
    await redisServer.stop();
    const address = { connection: redisServer.url, queue: anyQueue() };
    await expectBroken(
      address,
      new RegExp(`127\\.0\\.0\\.1:${redisServer.port} did not answer within 300 ms .*ECONNREFUSED`),
    );
  });

  it('a port that never answers causes an error within connectTimeout', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as { port: number };
    try {
      const address = { connection: `redis://127.0.0.1:${port}`, queue: anyQueue() };
      await expectBroken(address, new RegExp(`127\\.0\\.0\\.1:${port} did not answer within 300 ms`));
    } finally {
      for (const socket of sockets) socket.destroy();
      mute.close();
    }
  });
});

/** Expects the error at a client and at a server. */
async function expectBroken(address: QueueAddress, message: RegExp): Promise<void> {
  const since = performance.now();
  const client = openClient(address, { connectTimeout: 300 });
  const { reason } = (await client.tasks.add(1, 1).settled()) as { reason: Error };
  expect(reason).toBeInstanceOf(BrokenExecutorError);
  expect(reason.message).toMatch(message);
  expect(client.state).toBe('broken');
  await client.terminate();
  await expect(serveHere(address, { connectTimeout: 300 })).rejects.toThrow(message);
  // Twice 300 ms, and a margin for a busy host.
  expect(performance.now() - since).toBeLessThan(3_000);
}
