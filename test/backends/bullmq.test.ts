/**
 * The conformance suite on a queue. Each executor has a queue of its own in a real Redis, and a
 * server for it. The server runs in this process, but client and server communicate only through
 * Redis.
 */
import { setImmediate as aTurn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { ExecutorOptions, Future } from 'rx-futures';
import { afterAll, beforeAll } from 'vitest';
import { Keys } from '../../src/bullmq/stored/keys.js';
import { bullmqBackend, type ServeOptions, serveTasks } from '../../src/bullmq.js';
import { jobIdOf } from '../../src/protocol/queue/job-id.js';
import { decodeMessages, type ToServer } from '../../src/protocol/queue/messages.js';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { describeBackend, type Opened } from './describe-backend.js';
import { differencesOfQueues, LARGEST, openWithServer, startReceived } from './queue-suite.js';

let redis: RedisServer;
/** The suite's own connection, for inspection. */
let looking: Redis;
let queues = 0;

describeWithRedis('A queue in Redis', () => {
  beforeAll(async () => {
    redis = await startRedis();
    looking = new Redis(redis.url);
  });
  afterAll(async () => {
    looking.disconnect();
    await redis.stop();
  });

  describeBackend(
    'bullmq',
    { open },
    {
      makeGate: () => new FileGate(),
      startReceived,
      cancelReceived,
      skip: differencesOfQueues,
    },
  );
});

function open(options: ExecutorOptions): Opened {
  const address = { connection: redis.url, queue: `suite-${++queues}`, maxPayload: LARGEST };
  return openWithServer(options, bullmqBackend(address), (forServer) =>
    serveTasks({ ...forServer, ...address } as ServeOptions),
  );
}

/**
 * Waits until the server has received the order to cancel the task. The order is in the queue of
 * the executor that was opened last. A task that was never sent needs no order.
 *
 * Redis replies to the server, which waits for orders, before it replies to this connection. One
 * turn of the event loop later the server has read the order.
 */
async function cancelReceived({ id }: Future<unknown>): Promise<void> {
  const keys = new Keys('bull', `suite-${queues}`);
  await until(async () => {
    const entries = await looking.xrange(keys.orders, '-', '+');
    const toServers = entries.flatMap(([, [, text]]) => decodeMessages<ToServer>(text!));
    if (toServers.some((message) => message.type === 'cancel' && message.id === id)) return true;
    return (await looking.exists(keys.job(jobIdOf(id)), keys.known(id), keys.outcome(id))) === 0;
  });
  await aTurn();
}
