/** Futures that nobody tells of: their jobs were removed, or taken by somebody else. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { chain } from 'rx-futures';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobState } from '../../../src/bullmq/client/link.js';
import { type Asked, Reconciler } from '../../../src/bullmq/client/reconciler.js';
import { endNow } from '../../../src/bullmq/wire/messages.js';
import { toText } from '../../../src/bullmq/wire/value-text.js';
import { FileGate } from '../../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../../support/redis.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';
import { anyQueue, isQueued, openClient, type Place, serveHere } from '../support/machines.js';
import { until } from '../support/until.js';

const gone = expect.objectContaining({
  name: 'WorkerDiedError',
  message: expect.stringMatching(/Its job, future-\d+, is gone from the queue queue-\w+: it was removed by hand/),
});

describeWithRedis('a job', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  const anyPlace = (): Place => ({ connection: redis.url, queue: anyQueue() });

  it('that is removed by hand while it waits: all of its futures are rejected, for whoever waits for them', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    await using other = openClient(place);
    using gate = new FileGate();
    const head = client.tasks.first(gate.cells);
    const last = head.pipe(chain(client.tasks.second), chain(client.tasks.third));
    await until(() => isQueued(place));
    const attached = other.attach(last.id);
    await other.attach(1).settled();
    await withQueue(place, (queue) => queue.obliterate());
    const reader = new Redis(place.connection);
    for (const future of [head, last, attached]) {
      expect(await future.settled()).toMatchObject({ status: 'rejected', reason: gone });
    }
    // Nobody will tell of them: what is noted goes when an end would.
    for (const key of await reader.keys('*:known:*')) expect(await reader.pttl(key)).toBeGreaterThan(0);
    reader.disconnect();
    await using _service = await serveHere(place);
    expect(await client.tasks.add(1, 1)).toBe(2);
  });

  it('that a worker takes which is none of ours: the future is rejected, and says what may be wrong', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    const [done, failed] = [client.tasks.add(1, 1), client.tasks.add(2, 2)];
    await until(() => isQueued(place));
    const stranger = new Worker(
      place.queue,
      async (job) => {
        if (job.id === `future-${failed.id}`) throw new Error('what is this?');
      },
      { connection: { url: place.connection } },
    );
    try {
      expect(await done.settled()).toMatchObject({
        status: 'rejected',
        reason: { message: expect.stringMatching(/has ended without word of the task. Does anything but serveTasks/) },
      });
      expect(await failed.settled()).toMatchObject({
        status: 'rejected',
        reason: { message: expect.stringMatching(/has failed \(what is this\?\) without word of the task/) },
      });
    } finally {
      await stranger.close();
    }
  });

  it('that waits for longer than a look takes is left alone', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    await using other = openClient(place);
    const added = client.tasks.add(1, 1);
    await until(() => isQueued(place));
    const attached = other.attach(added.id);
    const removed = client.tasks.add(2, 2);
    await until(() => withQueue(place, async (queue) => (await queue.remove(`future-${removed.id}`)) === 1));
    expect(await removed.settled()).toMatchObject({ status: 'rejected', reason: gone });
    expect([added.state, attached.state]).toEqual(['pending', 'pending']);
    await using _service = await serveHere(place);
    expect(await Promise.all([added, attached])).toEqual([2, 2]);
  });
});

async function withQueue<T>({ connection, queue }: Place, use: (queue: Queue) => Promise<T>): Promise<T> {
  const jobs = new Queue(queue, { connection: { url: connection } });
  try {
    return await use(jobs);
  } finally {
    await jobs.close();
  }
}

describe('Inquiries', () => {
  beforeEach(() => {
    useVirtualTime();
  });
  afterEach(() => {
    useRealTime();
  });

  /** Of `count` futures, whose jobs are there, except for these. */
  function open(count: number, missing: readonly number[], isReady = () => true) {
    const awaited = new Map(Array.from({ length: count }, (_, i) => [i + 1, true]));
    const asked: number[] = [];
    const refused: number[] = [];
    const kept = new Set<number>();
    const link: Asked = {
      get isReady() {
        return isReady();
      },
      ends: async (ids) => ids.filter((id) => kept.has(id)).map((id) => endNow(id, 1, 0, toText(1))),
      async jobs(wanted) {
        asked.push(wanted.length);
        const states = wanted.map(({ id }): [number, JobState] => {
          const phase = missing.includes(id) ? 'gone' : 'awaited';
          return [id, { job: `future-${id}`, isNoted: false, phase, wasTaken: false, failure: undefined }];
        });
        return new Map(states);
      },
      endLost: async () => [],
      forget: async () => {},
    };
    const reconciler = new Reconciler(link, {
      queue: 'pages',
      awaited,
      waiting: (id) => (awaited.has(id) ? { id, job: undefined, isAttached: false } : undefined),
      ended(ends) {
        for (const { id } of ends) awaited.delete(id);
      },
      refused(id) {
        refused.push(id);
        awaited.delete(id);
      },
    });
    return { awaited, asked, kept, refused, reconciler };
  }

  it('asks for a thousand at a time, all of them in turns', async () => {
    const { asked, refused, reconciler } = open(2_500, [1, 1_700, 2_500]);
    const found: number[][] = [];
    for (let look = 0; look < 4; look++) {
      await vi.advanceTimersByTimeAsync(2_500);
      found.push([...refused]);
    }
    // 1 is found in the first look, and refused in the second; 1,700 in the second; 2,500 in the third.
    expect(found).toEqual([[], [1], [1, 1_700], [1, 1_700, 2_500]]);
    expect(asked.filter((count) => count > 1)).toEqual([1_000, 1_000, 500, 1_000]);
    reconciler.close();
  });

  it('comes back to each, however many come after it', async () => {
    const missing: number[] = [];
    const { awaited, refused, reconciler } = open(10, missing);
    for (let look = 0; look < 20; look++) {
      // Its job is lost after it was asked for.
      if (look === 5) missing.push(7);
      awaited.set(1_000 + look, true);
      await vi.advanceTimersByTimeAsync(2_500);
    }
    expect(refused).toEqual([7]);
    reconciler.close();
  });

  it('gives an end that is on its way the time to come', async () => {
    const { awaited, kept, refused, reconciler } = open(10, [7]);
    await reconciler.cameBack();
    expect(refused).toEqual([]);
    kept.add(7);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([refused, awaited.has(7)]).toEqual([[], false]);
    reconciler.close();
  });

  it('asks nothing while Redis is away, and after it is closed', async () => {
    let isReady = false;
    const { asked, reconciler } = open(1, [], () => isReady);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toEqual([]);
    isReady = true;
    await vi.advanceTimersByTimeAsync(2_500);
    expect(asked).toEqual([1]);
    reconciler.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toEqual([1]);
  });
});
