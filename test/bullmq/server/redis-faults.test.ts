/** A Redis that is restarted, paused or unreachable while tasks wait and run. */
import { Redis } from 'ioredis';
import { chain, Deferred, WorkerDiedError } from 'rx-futures';
import { expect, it } from 'vitest';
import { FileGate } from '../../support/file-gate.js';
import { describeWithRedis, startRedis } from '../../support/redis.js';
import { until } from '../../support/until.js';
import {
  anyQueue,
  countQueued,
  isQueued,
  openClient,
  type QueueAddress,
  serveHere,
  startServer,
} from '../support/servers.js';

describeWithRedis('A fault of Redis', () => {
  it('a restart of Redis loses no task, and no task runs twice', async () => {
    const redisServer = await startRedis({ appendonly: true });
    try {
      await disturb({ connection: redisServer.url, queue: anyQueue() }, () => redisServer.restart());
    } finally {
      await redisServer.stop();
    }
  });

  it('a pause of Redis for five seconds loses no task, and no task runs twice', async () => {
    const redisServer = await startRedis();
    try {
      await disturb({ connection: redisServer.url, queue: anyQueue() }, async () => {
        await redisServer.kill('SIGSTOP');
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        await redisServer.kill('SIGCONT');
      });
    } finally {
      await redisServer.stop();
    }
  });

  it('started tasks are rejected with the reason if Redis is unreachable for longer than giveUpAfter', async () => {
    const redisServer = await startRedis();
    using gate = new FileGate();
    const address = { connection: redisServer.url, queue: anyQueue() };
    const client = openClient(address, { giveUpAfter: 300, connectTimeout: 300 });
    await using _server = await startServer(address);
    try {
      const held = client.tasks.hold(gate.cells);
      const waiting = client.tasks.add(1, 1);
      await gate.arrivals();
      await until(() => held.state === 'running');
      await redisServer.stop();
      expect(await held.settled()).toMatchObject({
        status: 'rejected',
        reason: {
          name: 'WorkerDiedError',
          cause: { message: expect.stringMatching(/queue-.* unreachable for more than 300 ms/) },
        },
      });
      const outcome = await waiting.settled();
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'BrokenExecutorError' } });
    } finally {
      await redisServer.stop();
      await client.terminate();
    }
  });

  it('waiting tasks are not sent twice if Redis comes back with its data after giveUpAfter', async () => {
    const redisServer = await startRedis({ appendonly: true });
    using gate = new FileGate();
    const address = { connection: redisServer.url, queue: anyQueue() };
    const client = openClient(address, { giveUpAfter: 200, connectTimeout: 10_000 });
    using busy = new FileGate();
    try {
      await using _server = await startServer(address, { lostAfter: 30_000 });
      const held = client.tasks.hold(busy.cells);
      await until(() => held.state === 'running');
      const counted = Array.from({ length: 40 }, () => client.tasks.count(gate.cells));
      await until(async () => (await countQueued(address)) === 40);
      await redisServer.kill('SIGKILL');
      const later = Array.from({ length: 60 }, () => client.tasks.count(gate.cells));
      expect(await held.settled()).toMatchObject({ status: 'rejected', reason: { name: 'WorkerDiedError' } });
      await redisServer.restart();
      // The tasks turn out to be quick, so the rest of those that are sent again shares jobs.
      busy.open();
      await Promise.all([...counted, ...later]);
      expect(gate.runs).toBe(100);
    } finally {
      await client.terminate();
      await redisServer.stop();
    }
  });

  it('lost tasks are rejected and new tasks run if Redis comes back without its data', async () => {
    const redisServer = await startRedis({ appendonly: false });
    const address = { connection: redisServer.url, queue: anyQueue() };
    const client = openClient(address);
    const other = openClient(address);
    try {
      const head = client.tasks.echo({ cells: '', trail: ['a'] });
      const chained = head.pipe(chain(client.tasks.third as never));
      await until(() => isQueued(address));
      const attached = other.attach(chained.id);
      // The second attach travels behind the first one, on the same connection.
      await other.attach(1).settled();
      await redisServer.restart();
      for (const future of [head, chained, attached]) {
        const { reason } = (await future.settled()) as { reason: Error };
        expect(reason).toBeInstanceOf(WorkerDiedError);
        expect(reason.message).toMatch(/Redis restarted and lost job "[^"]+" of the queue/);
      }
      await using _server = await startServer(address);
      expect(await client.tasks.add(1, 1)).toBe(2);
    } finally {
      await client.terminate();
      await other.terminate();
      await redisServer.stop();
    }
  });

  it.each(['close', 'terminate'] as const)('%s() of a server does not wait for an unreachable Redis', async (how) => {
    const redisServer = await startRedis();
    const service = await serveHere({ connection: redisServer.url, queue: anyQueue() }, { lostAfter: 500 });
    await redisServer.kill('SIGKILL');
    await service[how]();
    await service.closed;
  });

  it('close() of a server resolves while the connection on which it waits for jobs is to connect again', async () => {
    const redisServer = await startRedis();
    const admin = new Redis(redisServer.url);
    try {
      const waiting = new Deferred<void>();
      const retryStrategy = () => {
        waiting.resolve();
        return 600_000;
      };
      const connection = { host: '127.0.0.1', port: redisServer.port, retryStrategy };
      const service = await serveHere({ connection: redisServer.url, queue: anyQueue() }, { connection });
      await until(async () => (await idOf(admin, 'bzpopmin')) !== undefined);
      await admin.client('KILL', 'ID', (await idOf(admin, 'bzpopmin'))!);
      await waiting.future;
      await service.close();
    } finally {
      admin.disconnect();
      await redisServer.stop();
    }
  });

  it('a client notices nothing if Redis comes back before giveUpAfter', async () => {
    const redisServer = await startRedis({ appendonly: true });
    using gate = new FileGate();
    const address = { connection: redisServer.url, queue: anyQueue() };
    await using client = openClient(address, { giveUpAfter: 10_000 });
    await using _server = await startServer(address, { lostAfter: 30_000 });
    try {
      const held = client.tasks.hold(gate.cells, 3);
      await gate.arrivals();
      await redisServer.kill('SIGKILL');
      const meanwhile = client.tasks.add(1, 1);
      gate.open();
      await redisServer.restart();
      expect([await held, await meanwhile]).toEqual([3, 2]);
      expect(gate.arrived).toBe(1);
    } finally {
      await client.terminate();
      await redisServer.stop();
    }
  });
});

/** Returns the id of the connection whose last command was `command`. */
async function idOf(admin: Redis, command: string): Promise<number | undefined> {
  const clients = (await admin.client('LIST')) as string;
  const line = clients.split('\n').find((each) => each.includes(` cmd=${command} `));
  return line === undefined ? undefined : Number(/^id=(\d+)/.exec(line)![1]);
}

/** Runs, queues and submits tasks while `disturbance` happens to Redis. */
async function disturb(address: QueueAddress, disturbance: () => Promise<void>): Promise<void> {
  using gate = new FileGate();
  const client = openClient(address);
  try {
    await using _one = await startServer(address, { name: 'one', concurrency: 4, lostAfter: 30_000 });
    await using _two = await startServer(address, { name: 'two', concurrency: 4, lostAfter: 30_000 });
    const running = Array.from({ length: 4 }, (_, i) => client.tasks.linger(gate.cells, i));
    await gate.arrivals(4);
    const chained = client.tasks.first(gate.cells).pipe(chain(client.tasks.second), chain(client.tasks.third));
    const waiting = Array.from({ length: 100 }, () => client.tasks.count(gate.cells));
    const disturbed = disturbance();
    const meanwhile = Array.from({ length: 100 }, () => client.tasks.count(gate.cells));
    gate.open();
    await disturbed;
    const after = Array.from({ length: 20 }, () => client.tasks.count(gate.cells));
    expect(await Promise.all(running)).toEqual([0, 1, 2, 3]);
    expect(await chained).toBe('first second third');
    await Promise.all([...waiting, ...meanwhile, ...after]);
    expect(gate.runs).toBe(220);
    expect(gate.notes).toEqual([1, 2, 3]);
    expect(gate.arrived).toBe(5);
  } finally {
    await client.terminate();
  }
}
