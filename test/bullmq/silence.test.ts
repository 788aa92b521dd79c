/** A network that dies silently: it drops packets, without FIN or RST. */
import { Executor } from 'rx-futures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bullmqBackend } from '../../src/bullmq.js';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { Network, type Way } from './support/network.js';
import { anyQueue, idleServer, openClient, serveHere, type TaskModule } from './support/servers.js';

let redis: RedisServer;

describeWithRedis('A network that dies silently', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it.each<Way>(['both', 'up', 'down'])(
    'a client with running tasks reconnects after a silent death, and every task settles (%s)',
    async (way) => {
      await using network = await Network.open(redis.port);
      const queue = anyQueue();
      await using _server = await serveHere({ connection: redis.url, queue }, { maxWorkers: 2 });
      await using client = openClient({ connection: network.url, queue }, { giveUpAfter: 8_000 });
      using gate = new FileGate();
      const held = client.tasks.linger(gate.cells, 7);
      await gate.arrivals();
      await until(() => held.state === 'running');
      network.die(way, false);
      const meanwhile = client.tasks.add(1, 1);
      gate.open();
      expect(await Promise.all([held, meanwhile])).toEqual([7, 2]);
      expect(gate.arrived).toBe(1);
    },
  );

  it('a network that returns within giveUpAfter costs no task', async () => {
    await using network = await Network.open(redis.port);
    const { hostname: host, port } = new URL(network.url);
    // commandTimeout shortens the silence after which a connection is replaced.
    const address = { connection: { host, port, commandTimeout: 1_000 } as never, queue: anyQueue() };
    await using _server = await serveHere(address, { lostAfter: 30_000, maxWorkers: 2 });
    await using client = openClient(address, { giveUpAfter: 30_000 });
    using gate = new FileGate();
    const held = client.tasks.linger(gate.cells, 7);
    await gate.arrivals();
    await until(() => held.state === 'running');
    const before = network.accepted;
    network.die();
    const meanwhile = client.tasks.add(1, 1);
    gate.open();
    // The client opens new connections, which are dead as well.
    await until(() => network.accepted > before);
    network.revive();
    expect(await Promise.all([held, meanwhile])).toEqual([7, 2]);
    expect(gate.arrived).toBe(1);
  });

  it('an idle client reconnects after a silent death, and its next task runs', async () => {
    await using network = await Network.open(redis.port);
    const queue = anyQueue();
    await using _server = await serveHere({ connection: redis.url, queue });
    await using client = openClient({ connection: network.url, queue }, { giveUpAfter: 4_000 });
    expect(await client.tasks.add(1, 1)).toBe(2);
    const before = network.accepted;
    network.die('both', false);
    await until(() => network.accepted >= before + 2);
    expect(await client.tasks.add(2, 2)).toBe(4);
  });

  it('a client rejects its started tasks after giveUpAfter if the network stays dead', async () => {
    await using network = await Network.open(redis.port);
    const queue = anyQueue();
    await using server = await serveHere({ connection: redis.url, queue });
    const client = openClient({ connection: network.url, queue }, { giveUpAfter: 2_000, connectTimeout: 1_000 });
    using gate = new FileGate();
    const held = client.tasks.linger(gate.cells);
    await gate.arrivals();
    await until(() => held.state === 'running');
    const waiting = client.tasks.linger(gate.cells);
    const since = performance.now();
    network.die();
    expect(await held.settled()).toMatchObject({
      status: 'rejected',
      reason: {
        name: 'WorkerDiedError',
        cause: { message: expect.stringMatching(/unreachable for more than 2000 ms/) },
      },
    });
    expect(performance.now() - since).toBeLessThan(6_000);
    expect(await waiting.settled()).toMatchObject({ status: 'rejected', reason: { name: 'BrokenExecutorError' } });
    await client.terminate();
    await server.terminate();
  });

  it('an idle server reconnects after a silent death, and runs the next job', async () => {
    await using network = await Network.open(redis.port);
    const queue = anyQueue();
    await using client = openClient({ connection: redis.url, queue });
    await using _server = await serveHere({ connection: network.url, queue }, { lostAfter: 3_000 });
    expect(await client.tasks.add(1, 1)).toBe(2);
    await idleServer({ connection: redis.url, queue });
    network.die('both', false);
    expect(await client.tasks.add(2, 2)).toBe(4);
  });

  it.each<Way>(['both', 'up', 'down'])(
    'a busy server reconnects after a silent death: it sends a result and receives a cancel (%s)',
    async (way) => {
      await using network = await Network.open(redis.port);
      const queue = anyQueue();
      await using client = openClient({ connection: redis.url, queue });
      await using _server = await serveHere({ connection: network.url, queue }, { lostAfter: 9_000, concurrency: 2 });
      using gate = new FileGate();
      using other = new FileGate();
      const held = client.tasks.linger(gate.cells, 7);
      const stopped = client.tasks.untilAborted(other.cells);
      await gate.arrivals();
      await other.arrivals();
      network.die(way, false);
      gate.open();
      stopped.cancel();
      expect(await held).toBe(7);
      await until(() => other.notes.length > 0);
      expect(gate.arrived).toBe(1);
    },
  );

  it.each(['close', 'terminate'] as const)('a dead network does not delay %s() of a server', async (how) => {
    await using network = await Network.open(redis.port);
    const service = await serveHere({ connection: network.url, queue: anyQueue() }, { lostAfter: 1_000 });
    network.die();
    await service[how]();
    await service.closed;
    await until(() => network.connections === 0, 1_000);
  });

  it.each(['close', 'terminate'] as const)(
    'a dead network does not delay %s() of a server that runs a task',
    async (how) => {
      await using network = await Network.open(redis.port);
      const queue = anyQueue();
      await using client = openClient({ connection: redis.url, queue });
      const service = await serveHere({ connection: network.url, queue }, { lostAfter: 1_000 });
      using gate = new FileGate();
      const held = client.tasks.linger(gate.cells);
      await gate.arrivals();
      network.die();
      const ended = service[how]();
      gate.open();
      await ended;
      await service.closed;
      await until(() => network.connections === 0, 1_000);
      held.cancel();
    },
  );

  it('a dead network does not keep the connections of a terminated client open', async () => {
    await using network = await Network.open(redis.port);
    const queue = anyQueue();
    await using _server = await serveHere({ connection: redis.url, queue });
    const client = openClient({ connection: network.url, queue });
    using gate = new FileGate();
    const held = client.tasks.linger(gate.cells);
    await gate.arrivals();
    await until(() => held.state === 'running');
    network.die();
    await client.terminate();
    await until(() => network.connections === 0, 2_000);
    expect(held.state).toBe('cancelled');
    gate.open();
  });

  it.each(['HELLO', 'INFO', 'XREAD'])(
    'a network that dies at the %s of a starting client breaks the executor within connectTimeout',
    async (command) => {
      await using network = await Network.open(redis.port);
      network.sent = (text) => {
        if (text.toUpperCase().includes(command)) network.die();
      };
      const client = new Executor<TaskModule>({
        backend: bullmqBackend({ connection: network.url, queue: anyQueue(), connectTimeout: 500, giveUpAfter: 1_000 }),
      });
      const { reason } = (await client.tasks.add(1, 1).settled()) as { reason: Error };
      expect(reason.name).toBe('BrokenExecutorError');
      await client.terminate();
      await until(() => network.connections === 0, 2_000);
    },
  );

  it.each(['HELLO', 'INFO'])(
    'a network that dies at the %s of a starting server rejects serveTasks() within connectTimeout',
    async (command) => {
      await using network = await Network.open(redis.port);
      network.sent = (text) => {
        if (text.toUpperCase().includes(command)) network.die();
      };
      const address = { connection: network.url, queue: anyQueue() };
      await expect(serveHere(address, { connectTimeout: 500 })).rejects.toThrow(/did not answer within 500 ms/);
      await until(() => network.connections === 0, 2_000);
    },
  );

  it('a dead network does not delay terminate() of a connecting client', async () => {
    await using network = await Network.open(redis.port);
    network.die();
    const client = openClient({ connection: network.url, queue: anyQueue() }, { connectTimeout: 60_000 });
    const future = client.tasks.add(1, 1);
    await until(() => network.connections > 0);
    await client.terminate();
    expect(future.state).toBe('cancelled');
    await until(() => network.connections === 0, 1_000);
  });
});
