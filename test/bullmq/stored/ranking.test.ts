/** The script that keeps the order of priorities across BullMQ's two places for waiting jobs. */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { Keys } from '../../../src/bullmq/stored/keys.js';
import { DEFAULT } from '../../../src/bullmq/stored/priority.js';
import { Ranking } from '../../../src/bullmq/stored/ranking.js';
import { describeQueue } from '../support/describe-queue.js';

describeQueue('Ranking', (anyAddress) => {
  async function open() {
    const { connection, queue } = anyAddress();
    const redis = new Redis(connection);
    const jobs = new Queue(queue, { connection: { url: connection } });
    const keys = new Keys('bull', queue);
    return {
      redis,
      keys,
      ranking: new Ranking(redis, keys),
      add: (id: string, priority = 0) => jobs.add('task', {}, { jobId: id, priority }),
      /** Ids of the waiting jobs of the list and of the set, in the order of their starts. */
      async waiting() {
        return [(await redis.lrange(keys.wait, 0, -1)).reverse(), await redis.zrange(keys.prioritized, '0', '-1')];
      },
      async [Symbol.asyncDispose]() {
        await jobs.close();
        redis.disconnect();
      },
    };
  }

  it('rank() moves the jobs of this library behind those of a higher priority, in their order', async () => {
    await using queue = await open();
    for (const id of ['future-1', 'foreign-1', 'future-2', 'foreign-2', 'future-3']) await queue.add(id);
    await queue.add('future-low', DEFAULT + 1);
    await queue.ranking.rank();
    await queue.add('future-high', DEFAULT - 1);
    await queue.add('future-4', DEFAULT);
    expect(await queue.waiting()).toEqual([
      ['foreign-1', 'foreign-2'],
      ['future-high', 'future-1', 'future-2', 'future-3', 'future-4', 'future-low'],
    ]);
    expect(await queue.redis.hget(queue.keys.job('future-2'), 'priority')).toBe(String(DEFAULT));
  });

  it('a job that a server has returned precedes its level', async () => {
    await using queue = await open();
    await queue.ranking.rank();
    await queue.add('future-high', DEFAULT - 1);
    await queue.add('future-1', DEFAULT);
    await queue.add('future-returned');
    await queue.add('future-lost', DEFAULT + 1);
    await queue.redis.zrem(queue.keys.prioritized, 'future-lost');
    await queue.redis.rpush(queue.keys.wait, 'future-lost');
    for (const id of ['future-returned', 'future-lost']) await queue.redis.hset(queue.keys.job(id), 'ats', 1);
    await queue.add('future-low', DEFAULT + 1);
    expect(await queue.ranking.check()).toBe(true);
    expect(await queue.waiting()).toEqual([
      [],
      ['future-high', 'future-returned', 'future-1', 'future-lost', 'future-low'],
    ]);
  });

  it('a queue is ranked for an hour, and for as long as a task of the middle priority waits', async () => {
    await using queue = await open();
    const { redis, keys, ranking } = queue;
    await queue.add('future-low', DEFAULT + 1);
    expect(await ranking.check()).toBe(false);
    await ranking.rank();
    expect(await redis.pttl(keys.ranked)).toBeGreaterThan(3_000_000);
    await queue.add('future-1', DEFAULT);
    await redis.del(keys.ranked);
    expect(await ranking.check()).toBe(true);
    await redis.zrem(keys.prioritized, 'future-1');
    expect(await ranking.check()).toBe(false);
  });

  it('check() leaves the jobs where they are if the queue is not ranked', async () => {
    await using queue = await open();
    await queue.add('future-1');
    expect(await queue.ranking.check()).toBe(false);
    expect(await queue.waiting()).toEqual([['future-1'], []]);
  });
});
