/**
 * Refusals of Redis (out of memory, a replica, a full disk, a missing permission) and of servers.
 * The log of a server reports both.
 */
import { rmSync } from 'node:fs';
import { Redis } from 'ioredis';
import {
  BrokenExecutorError,
  type Future,
  QueueFullError,
  RxFuturesError,
  SerializationError,
  TaskNotFoundError,
} from 'rx-futures';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ServeEvent } from '../../src/bullmq.js';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { Network } from './support/network.js';
import { anyQueue, openClient, type QueueAddress, serveHere, startServer } from './support/servers.js';

let redisServer: RedisServer;
let admin: Redis;
const anyAddress = (): QueueAddress => ({ connection: redisServer.url, queue: anyQueue() });

/** States in which Redis refuses writes: how a test enters and leaves them. */
const states: readonly [what: string, code: string, break_: () => Promise<unknown>, mend: () => Promise<unknown>][] = [
  ['is out of memory', 'OOM', () => admin.config('SET', 'maxmemory', '1'), () => admin.config('SET', 'maxmemory', '0')],
  [
    'has too few replicas',
    'NOREPLICAS',
    () => admin.config('SET', 'min-replicas-to-write', '1'),
    () => admin.config('SET', 'min-replicas-to-write', '0'),
  ],
  ["can't save its data", 'MISCONF', () => breakDisk(), () => admin.config('SET', 'save', '')],
  ['is a replica', 'READONLY', () => admin.replicaof('127.0.0.1', 1), () => admin.replicaof('NO', 'ONE')],
];

/** Simulates a full disk by a missing directory. */
async function breakDisk(): Promise<void> {
  const [, dir] = (await admin.config('GET', 'dir')) as [string, string];
  await admin.config('SET', 'save', '3600 1');
  rmSync(dir, { recursive: true });
  await admin.bgsave();
  await until(async () => (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'));
}

describeWithRedis('A Redis that refuses commands', () => {
  beforeEach(async () => {
    redisServer = await startRedis();
    admin = new Redis(redisServer.url);
  });
  afterEach(async () => {
    admin.disconnect();
    await redisServer.stop();
  });

  it.each(states)(
    'a Redis that %s (%s) rejects a future with advice, and tasks run again after its recovery',
    async (_, code, break_, mend) => {
      const address = anyAddress();
      await using _server = await serveHere(address, { lostAfter: 2_000 });
      await using client = openClient(address);
      expect(await client.tasks.add(1, 1)).toBe(2);
      await break_();
      for (const future of [client.tasks.add(1, 1), client.tasks.echo('x')]) {
        const { reason } = (await future.settled()) as { reason: RxFuturesError };
        expect(reason).toBeInstanceOf(code === 'OOM' ? QueueFullError : BrokenExecutorError);
        expect(reason.message).toContain(code);
        expect(reason.message).toMatch(/did not accept the task: .*(Raise|Start|Connect|Free)/);
        expect(JSON.stringify(reason.cause)).not.toContain('command');
      }
      expect(client.state).toBe('open');
      await mend();
      await until(async () => (await client.tasks.add(2, 2).settled()).status === 'fulfilled');
    },
  );

  it.each(states)('a Redis that %s (%s) while tasks run loses no result', async (_, code, break_, mend) => {
    const address = anyAddress();
    const events: ServeEvent[] = [];
    await using _server = await serveHere(address, {
      concurrency: 4,
      lostAfter: 30_000,
      onEvent: (event) => void events.push(event),
    });
    await using client = openClient(address);
    using gate = new FileGate();
    const held = [1, 2, 3].map((i) => client.tasks.linger(gate.cells, i));
    await gate.arrivals(3);
    await break_();
    gate.open();
    if (code !== 'OOM') await until(() => events.some(({ message }) => message.includes(code)));
    else await Promise.all(held);
    await mend();
    expect(await Promise.all(held)).toEqual([1, 2, 3]);
    expect(gate.arrived).toBe(3);
  });

  it('a Redis that is out of memory still delivers cancels and the credit of streams', async () => {
    const address = anyAddress();
    await using _server = await serveHere(address, { concurrency: 4 });
    await using client = openClient(address);
    using gate = new FileGate();
    using numbers = new FileGate();
    const running = client.tasks.untilAborted(gate.cells);
    await gate.arrivals();
    const values: number[] = [];
    let more!: () => void;
    const paused = new Promise<void>((go) => {
      more = go;
    });
    const reading = (async () => {
      for await (const value of client.tasks.numbers.with({ highWaterMark: 4 }).stream(numbers.cells, 40)) {
        values.push(value);
        if (value === 1) await paused;
      }
    })();
    await until(() => values.length === 1);
    await admin.config('SET', 'maxmemory', '1');
    more();
    running.cancel();
    await reading;
    expect(values).toHaveLength(40);
    await until(() => gate.notes.length > 0);
  });

  it('a client sends the credit of a stream again if Redis refuses it for a moment', async () => {
    const address = anyAddress();
    await using network = await Network.open(redisServer.port);
    await using _server = await serveHere(address);
    await using client = openClient({ ...address, connection: network.url });
    using gate = new FileGate();
    const values: number[] = [];
    let more!: () => void;
    const paused = new Promise<void>((go) => {
      more = go;
    });
    const reading = (async () => {
      for await (const value of client.tasks.numbers.with({ highWaterMark: 4 }).stream(gate.cells, 40)) {
        values.push(value);
        if (value === 1) await paused;
      }
    })();
    await until(() => values.length === 1 && gate.runs >= 4);
    // The mail of a server is in order. After this task, the client has all values that it may have
    // without more credit. Otherwise Redis could refuse a value, and no credit would be due.
    await client.tasks.echo(0);
    await admin.config('SET', 'min-replicas-to-write', '1');
    let isSent = false;
    let isRefused = false;
    network.sent = (text) => {
      isSent ||= text.includes(':futures:orders');
    };
    network.rewrite = (chunk) => {
      isRefused ||= isSent && chunk.includes('NOREPLICAS');
      return chunk;
    };
    more();
    await until(() => isRefused);
    await admin.config('SET', 'min-replicas-to-write', '0');
    await reading;
    expect(values).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('client and server wait for a Redis that loads its data', async () => {
    await using network = await Network.open(redisServer.port);
    let isLoading = true;
    let asked = 0;
    network.rewrite = (chunk) => {
      const text = chunk.toString('latin1');
      if (!text.includes('\nloading:0')) return chunk;
      asked++;
      return isLoading ? Buffer.from(text.replace('\nloading:0', '\nloading:1'), 'latin1') : chunk;
    };
    const address = { connection: network.url, queue: anyQueue() };
    const serving = serveHere(address, { lostAfter: 3_000 });
    await using client = openClient(address, { giveUpAfter: 2_000 });
    const future = client.tasks.add(1, 1);
    await until(() => asked >= 4);
    isLoading = false;
    await using _server = await serving;
    expect(await future).toBe(2);
  });

  it('a new password of Redis rejects futures with the reason, and the server logs it', async () => {
    const address = anyAddress();
    const events: ServeEvent[] = [];
    const server = await serveHere(address, { onEvent: (event) => void events.push(event) });
    const client = openClient(address, { giveUpAfter: 1_000, connectTimeout: 1_000 });
    expect(await client.tasks.add(1, 1)).toBe(2);
    await admin.config('SET', 'requirepass', 'new');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const { reason } = (await client.tasks.add(1, 1).settled()) as { reason: Error };
    expect(reason).toBeInstanceOf(RxFuturesError);
    expect(reason.message).toMatch(/NOAUTH/);
    await until(() => events.some(({ message }) => /NOAUTH.*Check the username and password/.test(message)));
    await client.terminate();
    await server.terminate();
  });

  it('a denied command rejects the future with advice about the permission', async () => {
    await admin.call('ACL', 'SETUSER', 'weak', 'on', '>pw', '~*', '+@all', '-evalsha', '-eval');
    const address = { connection: `redis://weak:pw@127.0.0.1:${redisServer.port}`, queue: anyQueue() };
    const client = openClient(address);
    const { reason } = (await client.tasks.add(1, 1).settled()) as { reason: Error };
    expect(reason).toBeInstanceOf(BrokenExecutorError);
    expect(reason.message).toMatch(/NOPERM.*Grant the user/);
    await client.terminate();
  });
});

describeWithRedis('A server that rejects jobs', () => {
  beforeEach(async () => {
    redisServer = await startRedis();
    admin = new Redis(redisServer.url);
  });
  afterEach(async () => {
    admin.disconnect();
    await redisServer.stop();
  });

  it('a server rejects arguments above its maxPayload, and runs the other tasks of the job', async () => {
    const address = anyAddress();
    const events: ServeEvent[] = [];
    await using _server = await serveHere(address, {
      maxPayload: 2_000,
      name: 'small',
      onEvent: (event) => void events.push(event),
    });
    await using client = openClient(address);
    await Promise.all(Array.from({ length: 50 }, () => client.tasks.echo('x')));
    const futures = Array.from({ length: 20 }, (_, i) => client.tasks.echo('secret '.repeat(i === 7 ? 1_000 : 1)));
    const outcomes = await Promise.all(futures.map((future) => future.settled()));
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(futures.map((_, i) => i !== 7));
    const { reason } = outcomes[7] as { reason: SerializationError };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason.message).toMatch(/maxPayload of server "small" allows/);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'job-refused',
        message: expect.stringMatching(/rejected job "future-\d+": The arguments take/),
      }),
    ]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('a server rejects a task whose progress exceeds maxPayload, and its thread runs the next one', async () => {
    const address = anyAddress();
    await using _server = await serveHere(address, { maxPayload: 2_000 });
    await using client = openClient(address);
    const large = client.tasks.report(5_000);
    const { reason } = (await large.settled()) as { reason: SerializationError };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason).toMatchObject({ path: 'progress' });
    expect(await client.tasks.report(5)).toBe('reported');
    using gate = new FileGate();
    const waiting = client.tasks.reportAndWait(5_000, gate.cells);
    expect(await waiting.settled()).toMatchObject({ status: 'rejected', reason: { path: 'progress' } });
    expect(await client.tasks.report(5)).toBe('reported');
  });

  it('a server prints one line for many rejected jobs of a kind, without values of tasks', async () => {
    const address = anyAddress();
    await using server = await startServer(address);
    await using client = openClient(address);
    const unknown = client.submit('noSuchTask' as never, 'secret' as never) as Future<unknown>;
    await expect(unknown).rejects.toBeInstanceOf(TaskNotFoundError);
    await server.line(1);
    await Promise.allSettled(
      Array.from({ length: 20 }, () => client.submit('noSuchTask' as never, 'secret' as never) as Future<unknown>),
    );
    expect(server.lines[1]).toMatch(/^rx-futures: rejected job "future-\d+": .*noSuchTask/);
    expect(server.lines).toHaveLength(2);
    expect(server.lines.join()).not.toContain('secret');
  });

  it('a server prints a line when the connection to Redis is lost, and another when it is restored', async () => {
    const address = anyAddress();
    await using server = await startServer(address, { lostAfter: 30_000 });
    await redisServer.kill('SIGKILL');
    await server.line(1);
    await redisServer.restart();
    await until(() => server.lines.some((line) => /the connection was restored/.test(line)));
    expect(server.lines[1]).toMatch(/^rx-futures: Redis at 127\.0\.0\.1:\d+: the connection was lost/);
    // ioredis tries many times, but each kind of error is printed once.
    expect(server.lines.length).toBeLessThan(8);
  });

  it('a server prints a line when it takes over a job of a lost server', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    await using doomed = await startServer(address, { name: 'doomed', rerunLost: 1 });
    const held = client.tasks.linger(gate.cells, 7);
    await gate.arrivals();
    await using other = await startServer(address, { name: 'other', rerunLost: 1 });
    doomed.kill('SIGKILL');
    await gate.arrivals(2);
    gate.open();
    expect(await held).toBe(7);
    expect(other.lines[1]).toMatch(/^rx-futures: took over job "future-\d+", whose server was lost/);
  });
});
