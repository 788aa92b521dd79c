/**
 * Hostile data in Redis. Anyone who can write to Redis can write anything. Invalid data is rejected
 * and affects nothing else, and only exports of the task module run.
 */
import { serialize } from 'node:v8';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { TaskNotFoundError } from 'rx-futures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Keys } from '../../src/bullmq/stored/keys.js';
import { encodeMessages } from '../../src/protocol/queue/messages.js';
import { toText } from '../../src/protocol/queue/value-text.js';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { anyQueue, openClient, type QueueAddress, serveHere, startServer } from './support/servers.js';

let redis: RedisServer;
const anyAddress = (): QueueAddress => ({ connection: redis.url, queue: anyQueue() });

let nextId = 1_000_000;

const node = (changes: object = {}) => ({
  id: nextId++,
  name: 'add',
  from: -1,
  steps: ['add'],
  attempt: 1,
  ...changes,
});
const job = (changes: object = {}) => ({
  version: 1,
  client: 'nobody-known',
  keep: 60_000,
  trees: [{ nodes: [node()], args: toText([1, 2]) }],
  ...changes,
});
const jobOf = (nodes: object[], args = toText([1, 2])) => job({ trees: [{ nodes, args }] });
const deep = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
/** Adds an own member named `__proto__`, which only JSON can create. */
const withProto = (data: object) => JSON.parse(JSON.stringify(data).replace(/^{/, '{"__proto__":{"polluted":true},'));

const manyNodes = (_: unknown, tree: number) => ({
  nodes: Array.from({ length: 256 }, (_, i) => ({ id: 1 + tree * 256 + i })),
});

const hostile: [string, () => unknown][] = [
  ['nothing', () => ({})],
  ['null', () => null],
  ['a number', () => 1],
  ['missing fields', () => ({ version: 1, trees: [{}] })],
  ['a version without text', () => job({ version: { toString: 1, valueOf: 1 } })],
  ['a client that is an object', () => job({ client: { toString: 1 } })],
  ['a keep that Redis refuses', () => job({ keep: Number.MAX_SAFE_INTEGER })],
  ['a keep of 0', () => job({ keep: 0 })],
  ['a hundred thousand trees', () => job({ trees: Array(100_000).fill(0) })],
  ['a hundred thousand nodes', () => jobOf(Array(100_000).fill(0))],
  ['65,536 futures of another version', () => job({ version: 99, trees: Array.from({ length: 256 }, manyNodes) })],
  ['trees in trees', () => job({ trees: deep(1_000) })],
  ['nodes in nodes', () => jobOf(deep(1_000))],
  ['members of __proto__', () => withProto(jobOf([withProto(node({ steps: ['fail'] }))]))],
  ['ids that are text', () => jobOf([node({ id: '1' })])],
  ['the same id twice', () => jobOf([node({ id: 77 }), node({ id: 77, from: 0 })])],
  [
    'the same id in two trees',
    () => job({ trees: [78, 78].map((id) => ({ nodes: [node({ id })], args: toText([1, 2]) })) }),
  ],
  ['args that are no base64', () => jobOf([node()], '***')],
  ['args that are a number', () => jobOf([node()], 5 as never)],
  ['args that are no array', () => jobOf([node()], serialize({ length: 3 }).toString('base64'))],
  ['args that end early', () => jobOf([node()], serialize([1, 2]).subarray(0, 4).toString('base64'))],
  ['four billion args', () => jobOf([node()], serialize(Array(2 ** 32 - 1)).toString('base64'))],
  ['deep args', () => jobOf([node({ steps: ['echo'] })], serialize([deep(2_000)]).toString('base64'))],
  ['args that are a function by name', () => jobOf([node({ steps: ['echo'] })], toText(['process.exit()']))],
  ['a credit of less than nothing', () => jobOf([node({ steps: ['numbers'], credit: -1 })])],
  ['a credit for what is no stream', () => jobOf([node({ credit: 5 })])],
  ['a timeout of no time', () => jobOf([node({ timeout: 0 })])],
  ['a timeout beyond all timers', () => jobOf([node({ timeout: 1e300 })])],
  ['a delay beyond all timers', () => jobOf([node({ steps: ['add'], retry: { count: 1, delay: 1e300 } })])],
  ['a timeout of less than nothing', () => jobOf([node({ timeout: -5 })])],
  ['retries without a number', () => jobOf([node({ steps: ['fail'], retry: { count: 'many', delay: 0 } })])],
  ['many retries', () => jobOf([node({ steps: ['fail'], retry: { count: 300, delay: 0 } })])],
  ['a task that ends its thread', () => jobOf([node({ steps: ['exitAtOnce'] })], toText([1]))],
];

describeWithRedis('A server that receives hostile data', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('a server survives each hostile job, and runs a valid job after it', async () => {
    const address = anyAddress();
    await using server = await startServer(address, { lostAfter: 30_000 });
    await using client = openClient(address);
    const connection = new Redis(address.connection, { maxRetriesPerRequest: null });
    const queue = new Queue(address.queue, { connection });
    try {
      for (const [name, data] of hostile) {
        await queue.add('hostile', data() as object);
        expect(await client.tasks.add(40, 2), name).toBe(42);
        // The server has one slot, so it has handled the hostile job before this one.
        expect(server.hasEnded, name).toBe(false);
      }
      // The data of this job is not even JSON: BullMQ fails before the server sees the job.
      await connection.hset(`bull:${address.queue}:no-json`, { name: 'x', data: '{', opts: '{', timestamp: 1 });
      await connection.lpush(`bull:${address.queue}:wait`, 'no-json');
      expect(await client.tasks.add(40, 2)).toBe(42);
    } finally {
      await queue.close();
      connection.disconnect();
    }
    expect({}).not.toHaveProperty('polluted');
    expect(server.hasEnded).toBe(false);
    expect(server.errors).toBe('');
  });

  it.each([
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'default',
    'secret',
    'eval',
    'process.exit',
    '../tasks.js',
    'then',
  ])('a server does not run %s, which is not a task of the module', async (name) => {
    const address = anyAddress();
    await using _service = await serveHere(address);
    await using client = openClient(address);
    const { reason } = (await client.submit(name as any).settled()) as { reason: any };
    expect(reason).toBeInstanceOf(TaskNotFoundError);
    expect(reason).toMatchObject({ code: 'ERR_TASK_NOT_FOUND', task: name });
  });

  it('a server without the task names its exports, and runs the next task', async () => {
    const address = anyAddress();
    await using _service = await serveHere(address);
    await using client = openClient(address);
    const { reason } = (await client.submit('subtract' as any, 1, 2).settled()) as { reason: any };
    expect(reason).toBeInstanceOf(TaskNotFoundError);
    expect(reason.exports).toContain('add');
    expect(reason.message).toMatch(/subtract.*add/s);
    expect(reason.module).toMatch(/fixtures\/tasks\.js/);
    expect(await client.tasks.add(1, 1)).toBe(2);
  });

  it('a server rejects a job of another version, and its client receives the error', async () => {
    const address = anyAddress();
    await using _service = await serveHere(address);
    await using client = openClient(address);
    const connection = new Redis(address.connection, { maxRetriesPerRequest: null });
    const queue = new Queue(address.queue, { connection });
    try {
      const old = { ...jobOf([node({ id: 4_242 })]), version: 99 };
      await queue.add('future', old, { jobId: 'future-4242' });
      const { reason } = (await client.attach(4_242).settled()) as { reason: Error };
      expect(reason.message).toMatch(
        /this server reads the versions 1 and 2, got 99\. Run the same version .*update the servers first/,
      );
      expect(await client.tasks.add(1, 1)).toBe(2);
      const failed = await queue.getJob('future-4242');
      expect(failed?.failedReason).toMatch(/this server reads the versions 1 and 2/);
    } finally {
      await queue.close();
      connection.disconnect();
    }
  });

  it('a server ignores invalid orders', async () => {
    const address = anyAddress();
    await using server = await startServer(address, { lostAfter: 30_000 });
    await using client = openClient(address);
    using gate = new FileGate();
    const connection = new Redis(address.connection, { maxRetriesPerRequest: null });
    const queue = new Queue(address.queue, { connection });
    const held = client.tasks.linger(gate.cells, 6);
    const stream = client.tasks.numbers.with({ highWaterMark: 2 }).stream(gate.cells, 3);
    await gate.arrivals();
    try {
      const { id } = held;
      const orders = new Keys('bull', address.queue).orders;
      const written = (text: string) => connection.xadd(orders, '*', 'w', text);
      for (const message of [
        { type: 'cancel', id, attempt: 1 },
        { type: 'cancel', id, attempt: 1, reason: toText({ type: 'error', classes: 'x' }) },
        { type: 'cancel', id, attempt: 2, reason: toText({ type: 'value', value: 'wrong attempt' }) },
        { type: 'watch', id, client: { toString: 1, valueOf: 1 } },
        { type: 'watch', id, client: 'x'.repeat(100_000) },
        { type: 'watch', id, client: 'somebody else' },
        { type: 'credit', id, count: -1 },
        { type: 'credit', id, count: '5' },
        { type: 'credit', id: 'all', count: 5 },
        { type: '__proto__', id },
        { type: 'run', id, code: 'process.exit()' },
        null,
        7,
      ]) {
        await written(encodeMessages([message as never]));
      }
      for (const text of [
        '',
        '***',
        JSON.stringify(7),
        JSON.stringify([deep(2_000)]),
        JSON.stringify([{ type: 'cancel', id, attempt: 1, reason: toText(deep(2_000)) }]),
      ]) {
        await written(text);
      }
      await connection.xadd(orders, '*', 'other', 'field');
    } finally {
      await queue.close();
      connection.disconnect();
    }
    gate.open();
    expect(await held).toBe(6);
    const values: number[] = [];
    for await (const value of stream) values.push(value);
    expect(values).toEqual([1, 2, 3]);
    expect(server.hasEnded).toBe(false);
    expect(server.errors).toBe('');
  });
});

describeWithRedis('A client with foreign entries in its inbox', () => {
  it('a client ignores invalid messages, and receives its own', async () => {
    const redisServer = await startRedis();
    using gate = new FileGate();
    const address = { connection: redisServer.url, queue: anyQueue() };
    const connection = new Redis(address.connection, { maxRetriesPerRequest: null });
    const queue = new Queue(address.queue, { connection });
    try {
      await using _service = await serveHere(address);
      await using client = openClient(address);
      const held = client.tasks.linger(gate.cells, 6);
      await gate.arrivals();
      const [inbox] = await connection.keys('*:inbox:*');
      const { id } = held;
      const text = toText('x');
      const torn = Buffer.from([0xff, 0x0f, 0x6f]).toString('base64');
      for (const message of [
        { type: 'settled', id, attempt: 1, kind: 0, started: 1, ended: 2, payload: torn },
        { type: 'settled', id, attempt: 1, kind: 0, started: 'x', ended: 2, payload: text },
        { type: 'settled', id, attempt: 1, kind: 1, started: 1, ended: 2, payload: text },
        { type: 'settled', id, attempt: 1, kind: 1, started: 1, ended: 2, payload: torn },
        { type: 'settled', id, attempt: 1, kind: 2, started: 1, ended: 2, payload: text },
        { type: 'settled', id, attempt: 1, kind: 3, started: 1, ended: 2, payload: text },
        { type: 'settled', id, attempt: 1, kind: 99, started: 1, ended: 2, payload: text },
        { type: 'settled', id, attempt: 1, kind: 0, started: 1, ended: 2, payload: undefined },
        { type: 'settled', id: id + 1, attempt: 1, kind: 0, started: 1, ended: 2, payload: text },
        { type: 'settled', id, kind: 0, started: 1, ended: 2, payload: text },
        { type: 'settled', id, attempt: 2, kind: 0, started: 1, ended: 2, payload: text },
        { type: 'settled', id, attempt: 1, emitted: 5, kind: 0, started: 1, ended: 2, payload: text },
        { type: 'values', id, first: 0, values: serialize(Array(2 ** 32 - 1)).toString('base64') },
        { type: 'progress', id, value: torn },
        { type: 'values', id, first: 0, values: torn },
        { type: 'values', id, first: 0, values: [1, 2] },
        { type: 'started', id, at: 'now' },
        { type: 'constructor', id },
      ]) {
        await connection.xadd(inbox!, '*', 'w', encodeMessages([message as never]));
      }
      await connection.xadd(inbox!, '*', 'w', '***');
      await connection.xadd(inbox!, '*', 'other', 'field');
      expect(held.state).toBe('running');
      gate.open();
      expect(await held).toBe(6);
      expect(await client.tasks.add(1, 1)).toBe(2);
    } finally {
      await queue.close();
      connection.disconnect();
      await redisServer.stop();
    }
  });
});
