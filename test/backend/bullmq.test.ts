/**
 * The exam of the queue: each executor has a queue of its own in a real Redis, and a machine that serves it. That machine is in this process, but
 * nothing passes between the two except through Redis.
 */
import { Executor, type ExecutorOptions } from 'rx-futures';
import { afterAll, beforeAll } from 'vitest';
import { bullmqBackend, type ServeOptions, serveTasks } from '../../src/bullmq.js';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { describeBackend } from './describe-backend.js';

let redis: RedisServer;
let queues = 0;

describeWithRedis('through Redis,', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  describeBackend('bullmq', { open }, { makeGate: () => new FileGate(), skip: [] });
});

/** Options of a client; all others are for the machine. */
const ofClient = ['maxQueue', 'captureStacks', 'errorClasses', 'onUnobservedError', 'onCallbackError'] as const;

/** An executor that is not closed before its machine is. What is submitted until that serves waits in the queue. */
function open(options: ExecutorOptions): Executor<any> {
  const place = { connection: redis.url, queue: `exam-${++queues}` };
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

function isOfClient(option: string): boolean {
  return (ofClient as readonly string[]).includes(option);
}
