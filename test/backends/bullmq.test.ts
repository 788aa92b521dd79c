/**
 * The exam of the queue: each executor has a queue of its own in a real Redis, and a machine that serves it. That machine is in this process, but
 * nothing passes between the two except through Redis.
 */
import { setImmediate as aTurn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Executor, type ExecutorOptions, type Future } from 'rx-futures';
import { afterAll, beforeAll } from 'vitest';
import { jobIdOf, Keys } from '../../src/bullmq/wire/keys.js';
import { decodeMessages, type ToServer } from '../../src/bullmq/wire/messages.js';
import { bullmqBackend, type ServeOptions, serveTasks } from '../../src/bullmq.js';
import { until } from '../bullmq/support/until.js';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { describeBackend } from './describe-backend.js';

let redis: RedisServer;
/** A connection of the exam's own, to look. */
let looking: Redis;
let queues = 0;

describeWithRedis('through Redis,', () => {
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
      beginningHeard,
      cancelHeard,
      skip: [
        {
          reason: 'machines share no memory',
          tests: ['a SharedArrayBuffer is shared, not copied'],
        },
        {
          reason: 'the threads are those of a machine, and their ids mean nothing elsewhere',
          tests: ['threadId of a future is the id that the thread has itself'],
        },
        {
          reason: 'a machine says that a task has begun when it takes it, though another may still hold the thread',
          tests: ['a task that is cancelled while the task before it blocks the worker never runs'],
        },
        {
          reason: 'the machine tries again, and its service tells of that, not the client',
          tests: [
            'a task that exceeded its timeout is retried, even if it had ended before the timeout was noticed',
            'the events report each attempt of a task that is retried',
          ],
        },
        {
          reason: 'what a machine has taken still counts, since it is one of many',
          tests: ['a task beyond maxQueue rejects its future'],
        },
        {
          reason:
            'workers are started by serveTasks(), which says what is wrong with them; tasks wait for one that is well',
          tests: [
            'a missing module breaks the executor',
            'a module that throws breaks the executor, with the thrown error as the cause',
            'an initializer that throws breaks the executor, with the thrown error as the cause',
            'shutdown() lets a starting worker end by itself',
          ],
        },
      ],
    },
  );
});

/** Bytes; more than any task of the exam takes or gives. */
const LARGEST = 32 * 2 ** 20;
/** Options of a client; all others are for the machine. */
const ofClient = ['maxQueue', 'captureStacks', 'errorClasses', 'onUnobservedError', 'onCallbackError'] as const;

/** An executor that is not closed before its machine is. What is submitted until that serves waits in the queue. */
function open(options: ExecutorOptions): Executor<any> {
  const place = { connection: redis.url, queue: `exam-${++queues}`, maxPayload: LARGEST };
  const { tasks, name } = options;
  const entries = Object.entries(options);
  const forClient = Object.fromEntries(entries.filter(([option]) => isOfClient(option)));
  const forMachine = Object.fromEntries(entries.filter(([option]) => !isOfClient(option)));
  const executor = new Executor<any>({
    ...(tasks !== undefined && { tasks }),
    ...(name !== undefined && { name }),
    ...forClient,
    backend: bullmqBackend(place),
  });
  const serving = serveTasks({ ...forMachine, ...place } as ServeOptions);
  serving.catch(() => executor.terminate());
  const { shutdown, terminate } = executor;
  executor.shutdown = async (options) => {
    await shutdown.call(executor, options);
    await (await serving).close();
  };
  executor.terminate = async () => {
    await terminate.call(executor);
    await (await serving).terminate();
  };
  return executor;
}

/** Word of it travels through Redis, as does all else. */
async function beginningHeard(future: Future<unknown>): Promise<void> {
  await until(() => future.state === 'running');
}

/**
 * The order to stop it is in the queue of the executor that was opened last; what was never sent needs none. Redis has answered the machine, which
 * waits for orders, before it answers who looks for them here; a turn later it has read them.
 */
async function cancelHeard({ id }: Future<unknown>): Promise<void> {
  const keys = new Keys('bull', `exam-${queues}`);
  await until(async () => {
    const entries = await looking.xrange(keys.orders, '-', '+');
    const toServers = entries.flatMap(([, [, text]]) => decodeMessages<ToServer>(text!));
    if (toServers.some((message) => message.type === 'stop' && message.id === id)) return true;
    return (await looking.exists(keys.job(jobIdOf(id)), keys.known(id), keys.end(id))) === 0;
  });
  await aTurn();
}

function isOfClient(option: string): boolean {
  return (ofClient as readonly string[]).includes(option);
}
