/**
 * The exam of the queue. Each executor has a queue of its own in a real Redis, and a server for it.
 * The server runs in this process, but client and server communicate only through Redis.
 */
import { setImmediate as aTurn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Executor, ExecutorOptions, Future } from 'rx-futures';
import { afterAll, beforeAll } from 'vitest';
import { Keys } from '../../src/bullmq/keys.js';
import { bullmqBackend, type ServeOptions, serveTasks } from '../../src/bullmq.js';
import { jobIdOf } from '../../src/protocol/queue/job-id.js';
import { decodeMessages, type ToServer } from '../../src/protocol/queue/messages.js';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
<<<<<<< HEAD
import { describeBackend, type Opened } from './describe-backend.js';
=======
import { describeBackend } from './describe-backend.js';
import { differencesOfQueues, LARGEST, openWithServer, startReceived } from './exam-of-queues.js';
>>>>>>> part/queue-exam

let redis: RedisServer;
/** The exam's own connection, for inspection. */
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
      beginningHeard: startReceived,
      cancelHeard,
      skip: differencesOfQueues,
    },
  );
});

<<<<<<< HEAD
/** Size in bytes above that of all arguments and results of the exam. */
const LARGEST = 32 * 2 ** 20;
/** Options of a client. All others are options of the server. */
const ofClient = ['maxQueue', 'captureStacks', 'errorClasses', 'onUnobservedError', 'onCallbackError'] as const;

/**
 * Opens an executor and starts a server for it, which is terminated after the test. Tasks that are
 * submitted before the server has started wait in the queue.
 */
function open(options: ExecutorOptions): Opened {
  const place = { connection: redis.url, queue: `exam-${++queues}`, maxPayload: LARGEST };
  const { tasks, name } = options;
  const entries = Object.entries(options);
  const forClient = Object.fromEntries(entries.filter(([option]) => isOfClient(option)));
  const forServer = Object.fromEntries(entries.filter(([option]) => !isOfClient(option)));
  const executor = new Executor<any>({
    ...(tasks !== undefined && { tasks }),
    ...(name !== undefined && { name }),
    ...forClient,
    backend: bullmqBackend(place),
  });
  const serving = serveTasks({ ...forServer, ...place } as ServeOptions);
  serving.catch(() => executor.terminate());
  return {
    executor,
    async close() {
      await executor.terminate();
      await (await serving).terminate();
    },
  };
}

/** Waits for the message that the task has started. */
async function beginningHeard(future: Future<unknown>): Promise<void> {
  await until(() => future.state === 'running');
=======
function open(options: ExecutorOptions): Executor<any> {
  const place = { connection: redis.url, queue: `exam-${++queues}`, maxPayload: LARGEST };
  return openWithServer(options, bullmqBackend(place), (forServer) =>
    serveTasks({ ...forServer, ...place } as ServeOptions),
  );
>>>>>>> part/queue-exam
}

/**
 * Waits until the server has received the order to cancel the task. The order is in the queue of
 * the executor that was opened last. A task that was never sent needs no order.
 *
 * Redis replies to the server, which waits for orders, before it replies to this connection. One
 * turn of the event loop later the server has read the order.
 */
async function cancelHeard({ id }: Future<unknown>): Promise<void> {
  const keys = new Keys('bull', `exam-${queues}`);
  await until(async () => {
    const entries = await looking.xrange(keys.orders, '-', '+');
    const toServers = entries.flatMap(([, [, text]]) => decodeMessages<ToServer>(text!));
    if (toServers.some((message) => message.type === 'cancel' && message.id === id)) return true;
    return (await looking.exists(keys.job(jobIdOf(id)), keys.known(id), keys.outcome(id))) === 0;
  });
  await aTurn();
}
