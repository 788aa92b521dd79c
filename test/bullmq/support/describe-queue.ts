/** Describes tests that share a Redis, each with a queue of its own. */
import { afterAll, beforeAll } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../../support/redis.js';
import { anyQueue, type QueueAddress } from './servers.js';

/** @param tests receives a function that returns a queue which no other test uses */
export function describeQueue(title: string, tests: (anyAddress: () => QueueAddress) => void): void {
  describeWithRedis(title, () => {
    let redis: RedisServer;
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis.stop());
    tests(() => ({ connection: redis.url, queue: anyQueue() }));
  });
}
