/**
 * Streams over the queue: backpressure for slow readers, the end of readers, and values before an
 * error.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Keys } from '../../src/bullmq/stored/keys.js';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { anyQueue, openClient, type QueueAddress, serveHere, startClient, startServer } from './support/servers.js';

let redis: RedisServer;
const anyAddress = (): QueueAddress => ({ connection: redis.url, queue: anyQueue() });

describeWithRedis('A stream over the queue', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('a stream is never more than highWaterMark ahead of its reader', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    let taken = 0;
    let furthest = 0;
    for await (const value of client.tasks.numbers.with({ highWaterMark: 4 }).stream(gate.cells, 100)) {
      expect(value).toBe(++taken);
      // A test can't wait for something that must not happen. Each round trip gives the stream the
      // time to run ahead.
      if (taken % 10 === 0) await client.tasks.echo(0);
      // The value that is being read is not ahead any more.
      furthest = Math.max(furthest, gate.runs - taken);
    }
    expect(taken).toBe(100);
    expect(furthest).toBeGreaterThan(0);
    expect(furthest).toBeLessThanOrEqual(4);
  });

  it('a stream is never more than the bytes of its highWaterMark ahead of its reader', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    let taken = 0;
    let furthest = 0;
    // Each number counts as 8 bytes.
    for await (const value of client.tasks.numbers.with({ highWaterMark: { bytes: 40 } }).stream(gate.cells, 60)) {
      expect(value).toBe(++taken);
      if (taken % 10 === 0) await client.tasks.echo(0);
      furthest = Math.max(furthest, gate.runs - taken);
    }
    expect(taken).toBe(60);
    expect(furthest).toBeGreaterThan(0);
    expect(furthest).toBeLessThanOrEqual(5);
  });

  it('a stream waits for a reader that has stopped reading', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    const iterator = client.tasks.numbers.with({ highWaterMark: 4 }).stream(gate.cells)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await until(() => gate.runs >= 4);
    for (let i = 0; i < 10; i++) await client.tasks.add(i, i);
    expect(gate.runs).toBeLessThanOrEqual(5);
    await iterator.return!();
  });

  it('a credit order that arrives twice grants nothing the second time', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    const iterator = client.tasks.numbers.with({ highWaterMark: 4 }).stream(gate.cells)[Symbol.asyncIterator]();
    for (let i = 1; i <= 20; i++) expect(await iterator.next()).toMatchObject({ value: i });
    const connection = new Redis(address.connection);
    const orders = new Keys('bull', address.queue).orders;
    for (const [, [, text]] of await connection.xrange(orders, '-', '+'))
      await connection.xadd(orders, '*', 'w', text!);
    connection.disconnect();
    for (let i = 0; i < 10; i++) await client.tasks.add(i, i);
    expect(gate.runs).toBeLessThanOrEqual(25);
    await iterator.return!();
  });

  it('a stream ends on the server when its reader leaves', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    for await (const value of client.tasks.numbers.with({ highWaterMark: 4 }).stream(gate.cells)) {
      if (value === 3) break;
    }
    await gate.arrivals();
    expect(gate.notes).toEqual([0]);
    expect(await client.tasks.add(1, 1)).toBe(2);
  });

  it('a stream ends on the server when its client is killed', async () => {
    const address = anyAddress();
    await using _server = await startServer(address, { lostAfter: 500 });
    await using client = openClient(address);
    using gate = new FileGate();
    await using reader = startClient(address, { what: 'stream', cells: gate.cells });
    expect(await reader.says(0)).toEqual({ value: 1 });
    const connection = new Redis(address.connection);
    const [sign] = await connection.keys('*:alive:*');
    expect(gate.notes).toEqual([]);
    reader.kill('SIGKILL');
    await reader.ended();
    // The alive key of the client would live for half a minute.
    await connection.del(sign!);
    connection.disconnect();
    await gate.arrivals();
    expect(gate.notes).toEqual([0]);
    expect(await client.tasks.add(1, 1)).toBe(2);
  });

  it('a stream continues as long as its client lives, even with a slow reader', async () => {
    const address = anyAddress();
    // The server checks the alive key every 300 ms. It must renew its own lock in 600 ms.
    await using _server = await startServer(address, { lostAfter: 600 });
    await using client = openClient(address);
    using gate = new FileGate();
    const iterator = client.tasks.numbers.with({ highWaterMark: 1 }).stream(gate.cells, 3)[Symbol.asyncIterator]();
    await iterator.next();
    for (const end = performance.now() + 1_800; performance.now() < end; ) await client.tasks.add(1, 1);
    const rest = [await iterator.next(), await iterator.next(), await iterator.next()];
    expect(rest).toMatchObject([{ value: 2 }, { value: 3 }, { done: true }]);
  });

  it('a stream emits the values before an error, then the error', async () => {
    const address = anyAddress();
    await using _service = await serveHere(address);
    await using client = openClient(address);
    const values: number[] = [];
    const read = async () => {
      for await (const value of client.tasks.failAfter.with({ highWaterMark: 2 }).stream(7)) values.push(value);
    };
    await expect(read()).rejects.toMatchObject({ name: 'RangeError', message: 'after 7' });
    expect(values).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('a stream of a killed server emits the received values, then rejects', async () => {
    const address = anyAddress();
    await using doomed = await startServer(address, { name: 'doomed' });
    await using client = openClient(address);
    using gate = new FileGate();
    const iterator = client.tasks.numbers.with({ highWaterMark: 4 }).stream(gate.cells)[Symbol.asyncIterator]();
    expect(await iterator.next()).toMatchObject({ value: 1 });
    await using _other = await startServer(address, { name: 'other' });
    doomed.kill('SIGKILL');
    const read = async () => {
      while (!(await iterator.next()).done);
    };
    await expect(read()).rejects.toMatchObject({ name: 'WorkerDiedError', workerName: 'doomed' });
  });

  it('a stream of a killed server rejects even with rerunLost, because its values were read', async () => {
    const address = anyAddress();
    await using doomed = await startServer(address, { name: 'doomed', rerunLost: 1 });
    await using client = openClient(address);
    using gate = new FileGate();
    const iterator = client.tasks.numbers.with({ highWaterMark: 4 }).stream(gate.cells, 50)[Symbol.asyncIterator]();
    for (let i = 1; i <= 3; i++) expect(await iterator.next()).toMatchObject({ value: i });
    await using _other = await startServer(address, { name: 'other', rerunLost: 1 });
    doomed.kill('SIGKILL');
    let last = 3;
    const read = async () => {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) expect(next.value).toBe(++last);
    };
    await expect(read()).rejects.toMatchObject({ name: 'WorkerDiedError', workerName: 'doomed' });
    expect(gate.runs).toBeLessThan(15);
  });

  it('a stream emits every value once and in order across a restart of Redis', async () => {
    const redisServer = await startRedis({ appendonly: true });
    const address = { connection: redisServer.url, queue: anyQueue() };
    const client = openClient(address);
    using gate = new FileGate();
    try {
      await using _server = await startServer(address, { lostAfter: 30_000 });
      const values: number[] = [];
      for await (const value of client.tasks.numbers.with({ highWaterMark: 16 }).stream(gate.cells, 2_000)) {
        values.push(value);
        if (value === 500) await redisServer.restart();
      }
      expect(values).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 1));
    } finally {
      await client.terminate();
      await redisServer.stop();
    }
  });
});
