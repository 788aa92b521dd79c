/** Futures without a report: their jobs were removed, or processed by another program. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { chain } from 'rx-futures';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Reconciler, type ReconcilerConnection } from '../../../src/backends/queue/reconciler.js';
import { outcomeNow } from '../../../src/protocol/queue/messages.js';
import type { JobState } from '../../../src/protocol/queue/transport.js';
import { toText } from '../../../src/protocol/queue/value-text.js';
import { anyQueue, isQueued, openClient, type QueueAddress, serveHere } from '../../bullmq/support/servers.js';
import { FileGate } from '../../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../../support/redis.js';
import { until } from '../../support/until.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';

const gone = expect.objectContaining({
  name: 'WorkerDiedError',
  message: expect.stringMatching(/Job "future-\d+" is missing from the queue "queue-\w+": it was removed by hand/),
});

describeWithRedis('The reconciler of a client', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  const anyAddress = (): QueueAddress => ({ connection: redis.url, queue: anyQueue() });

  it('a waiting job that is removed by hand rejects all of its futures, for all of their clients', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    await using other = openClient(address);
    using gate = new FileGate();
    const head = client.tasks.first(gate.cells);
    const last = head.pipe(chain(client.tasks.second), chain(client.tasks.third));
    await until(() => isQueued(address));
    const attached = other.attach(last.id);
    await other.attach(1).settled();
    await withQueue(address, (queue) => queue.obliterate());
    const reader = new Redis(address.connection);
    for (const future of [head, last, attached]) {
      expect(await future.settled()).toMatchObject({ status: 'rejected', reason: gone });
    }
    // No server settles these futures, so their notes expire when an outcome would.
    for (const key of await reader.keys('*:known:*')) expect(await reader.pttl(key)).toBeGreaterThan(0);
    reader.disconnect();
    await using _service = await serveHere(address);
    expect(await client.tasks.add(1, 1)).toBe(2);
  });

  it('a job that another program processes rejects its future with advice', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    const [done, failed] = [client.tasks.add(1, 1), client.tasks.add(2, 2)];
    await until(() => isQueued(address));
    const stranger = new Worker(
      address.queue,
      async (job) => {
        if (job.id === `future-${failed.id}`) throw new Error('what is this?');
      },
      { connection: { url: address.connection } },
    );
    try {
      expect(await done.settled()).toMatchObject({
        status: 'rejected',
        reason: {
          message: expect.stringMatching(
            /finished but did not report the result of this task. Check that only serveTasks/,
          ),
        },
      });
      expect(await failed.settled()).toMatchObject({
        status: 'rejected',
        reason: {
          message: expect.stringMatching(/failed \(what is this\?\) but did not report the result of this task/),
        },
      });
    } finally {
      await stranger.close();
    }
  });

  it('a job that waits for several checks stays in the queue', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    await using other = openClient(address);
    const added = client.tasks.add(1, 1);
    await until(() => isQueued(address));
    const attached = other.attach(added.id);
    const removed = client.tasks.add(2, 2);
    await until(() => withQueue(address, async (queue) => (await queue.remove(`future-${removed.id}`)) === 1));
    expect(await removed.settled()).toMatchObject({ status: 'rejected', reason: gone });
    expect([added.state, attached.state]).toEqual(['pending', 'pending']);
    await using _service = await serveHere(address);
    expect(await Promise.all([added, attached])).toEqual([2, 2]);
  });
});

async function withQueue<T>({ connection, queue }: QueueAddress, use: (queue: Queue) => Promise<T>): Promise<T> {
  const jobs = new Queue(queue, { connection: { url: connection } });
  try {
    return await use(jobs);
  } finally {
    await jobs.close();
  }
}

describe('Reconciler', () => {
  beforeEach(() => {
    useVirtualTime();
  });
  afterEach(() => {
    useRealTime();
  });

  /** Opens a reconciler for `count` futures, whose jobs exist, except for the `missing` ones. */
  function open(count: number, missing: readonly number[], isReady = () => true) {
    const awaited = new Map(Array.from({ length: count }, (_, i) => [i + 1, true]));
    const asked: number[] = [];
    const refused: number[] = [];
    const kept = new Set<number>();
    const connection: ReconcilerConnection = {
      get isReady() {
        return isReady();
      },
      outcomes: async (ids) => ids.filter((id) => kept.has(id)).map((id) => outcomeNow(id, 1, 0, toText(1))),
      async jobs(wanted) {
        asked.push(wanted.length);
        const states = wanted.map(({ id }): [number, JobState] => {
          const state = missing.includes(id) ? 'missing' : 'awaited';
          return [id, { job: `future-${id}`, isNoted: false, state, wasClaimed: false, failure: undefined }];
        });
        return new Map(states);
      },
      findLost: async () => undefined,
      rules: async () => undefined,
      storeOutcomes: async () => {},
      explainMissing: ({ job }) => new Error(`Job "${job}" is missing`),
      expireNotes: async () => {},
    };
    const reconciler = new Reconciler(connection, {
      awaited,
      unsettled: (id) => (awaited.has(id) ? { id, job: undefined, isAttached: false } : undefined),
      settled(outcomes) {
        for (const { id } of outcomes) awaited.delete(id);
      },
      refused(id) {
        refused.push(id);
        awaited.delete(id);
      },
    });
    return { awaited, asked, kept, refused, reconciler };
  }

  it('the reconciler checks a thousand futures at a time, and all of them in turn', async () => {
    const { asked, refused, reconciler } = open(2_500, [1, 1_700, 2_500]);
    const found: number[][] = [];
    for (let check = 0; check < 4; check++) {
      await vi.advanceTimersByTimeAsync(2_500);
      found.push([...refused]);
    }
    // The first check finds 1 and the second rejects it. The second finds 1,700, the third 2,500.
    expect(found).toEqual([[], [1], [1, 1_700], [1, 1_700, 2_500]]);
    expect(asked.filter((count) => count > 1)).toEqual([1_000, 1_000, 500, 1_000]);
    reconciler.close();
  });

  it('the reconciler checks each future again, even if new ones keep arriving', async () => {
    const missing: number[] = [];
    const { awaited, refused, reconciler } = open(10, missing);
    for (let check = 0; check < 20; check++) {
      // The job vanishes after its first check.
      if (check === 5) missing.push(7);
      awaited.set(1_000 + check, true);
      await vi.advanceTimersByTimeAsync(2_500);
    }
    expect(refused).toEqual([7]);
    reconciler.close();
  });

  it('the reconciler waits for an outcome that is still on its way', async () => {
    const { awaited, kept, refused, reconciler } = open(10, [7]);
    await reconciler.reconnected();
    expect(refused).toEqual([]);
    kept.add(7);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([refused, awaited.has(7)]).toEqual([[], false]);
    reconciler.close();
  });

  it('the reconciler asks nothing while Redis is unreachable, and after it is closed', async () => {
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
