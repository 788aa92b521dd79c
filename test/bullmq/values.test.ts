/** Values and errors that travel to a server and back, and values that are rejected. */
import { MessageChannel } from 'node:worker_threads';
import { all, chain, Executor, type ExecutorOptions, SerializationError, transfer } from 'rx-futures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bullmqBackend, serveTasks, type TaskService } from '../../src/bullmq.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';

type Values = typeof import('./fixtures/values.js');
const tasks = new URL('./fixtures/values.js', import.meta.url);

let redis: RedisServer;
let service: TaskService;

/** Opens a client of the server that all of these tests share. */
function open(options: ExecutorOptions = {}, maxPayload?: number): Executor<Values> {
  const address = { connection: redis.url, queue: 'values', ...(maxPayload !== undefined && { maxPayload }) };
  return new Executor<Values>({ tasks, ...options, backend: bullmqBackend(address) });
}

const cycle: Record<string, unknown> = { name: 'ring' };
cycle.itself = cycle;
cycle.list = [cycle, { back: cycle }];
const sparse: unknown[] = Object.assign(new Array(7), { 0: 1, 2: undefined, 4: 5 });
const withNames = Object.assign([1, 2], { unit: 'ms' });

const values: readonly (readonly [what: string, value: unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['numbers at the edges', [Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.MIN_VALUE, 2 ** 53, -(2 ** 31)]],
  ['bigints', [0n, -1n, 2n ** 64n, -(2n ** 200n)]],
  ['texts of all scripts, half a character too', ['', 'ü', '日本', '👩‍🚀', '\ud83d', 'a\0b', 'x'.repeat(100_000)]],
  ['undefined in an object', { here: undefined, there: null }],
  ['Dates, an invalid one too', [new Date(0), new Date(8.64e15), new Date(Number.NaN)]],
  ['regular expressions', [/a+b/giu, /[\]/]/, /(?<year>\d{4})/y]],
  [
    'Maps, with objects as keys',
    new Map<unknown, unknown>([
      [{ a: 1 }, new Map([[1, 2]])],
      [Number.NaN, undefined],
    ]),
  ],
  ['Sets', new Set<unknown>(['a', new Set([1]), undefined])],
  ['arrays with holes', sparse],
  ['arrays that have names beside their indices', withNames],
  ['cycles', cycle],
  ['boxed values', [Object('text'), Object(1), Object(true), Object(1n)]],
  ['ArrayBuffers', new Uint8Array([1, 2, 3]).buffer],
  ['a DataView', new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)],
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].map(
    (type) => [type.name, new type([1, 2, 255])] as const,
  ),
  ['Float32Array', new Float32Array([0.5, Number.NaN])],
  ['Float64Array', new Float64Array([0.1, -0])],
  ['BigInt64Array', new BigInt64Array([-1n, 2n ** 62n])],
  ['BigUint64Array', new BigUint64Array([2n ** 64n - 1n])],
  ['objects without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ['keys that mean something elsewhere', JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}')],
  [
    'instances of classes, as plain objects',
    new (class Point {
      x = 1;
      y = 2;
    })(),
  ],
];

describeWithRedis('Over the queue,', () => {
  beforeAll(async () => {
    redis = await startRedis();
    service = await serveTasks({ connection: redis.url, queue: 'values', tasks, maxWorkers: 1 });
  });
  afterAll(async () => {
    await service.close();
    await redis.stop();
  });

  describe('values', () => {
    it.each(values)('a value arrives unchanged both ways: %s', async (_what, value) => {
      await using executor = open();
      const back = await executor.submit('echo', value);
      expect(back).toStrictEqual(structuredClone(value));
      expect(await executor.tasks.kinds(value)).toEqual([kindOf(value)]);
    });

    it('a sparse array keeps its holes and its undefined members', async () => {
      await using executor = open();
      const back = (await executor.submit('echo', sparse)) as unknown[];
      expect([back.length, Object.keys(back)]).toEqual([7, ['0', '2', '4']]);
    });

    it('a value keeps the identity of repeated objects', async () => {
      await using executor = open();
      const shared = { n: 1 };
      const back = (await executor.submit('echo', { a: shared, b: [shared], cycle })) as any;
      expect(back.b[0]).toBe(back.a);
      expect(back.cycle.list[1].back).toBe(back.cycle);
    });

    it('an error in a value keeps its name, message, stack and cause', async () => {
      await using executor = open();
      const error = new RangeError('in a value', { cause: new TypeError('why') });
      const { list } = (await executor.submit('echo', { list: [error] })) as { list: [Error] };
      expect(list[0]).toBeInstanceOf(RangeError);
      expect(list[0]).toMatchObject({ message: 'in a value', stack: error.stack });
      expect(list[0].cause).toMatchObject({ name: 'TypeError', message: 'why' });
    });

    it('a view of bytes arrives with a buffer of its own at both ends', async () => {
      await using executor = open();
      const large = new Uint8Array(10_000).fill(1);
      const views = [new Uint8Array([1, 2, 3]), new Float64Array([0.5]), Buffer.from('abc'), large.subarray(10, 30)];
      const alone = views.map((view) => [view.byteLength, 0]);
      expect(await executor.tasks.concurrency(...views)).toEqual(alone);
      const back = (await executor.submit('echo', views)) as Uint8Array[];
      expect(back.map(({ buffer, byteOffset }) => [buffer.byteLength, byteOffset])).toEqual(alone);
      expect(back.map((view) => Object.prototype.toString.call(view).slice(8, -1))).toEqual([
        ...['Uint8Array', 'Float64Array', 'Uint8Array', 'Uint8Array'],
      ]);
      expect(Buffer.isBuffer(back[2])).toBe(false);
    });

    it('a value arrives unchanged in a stream and as progress', async () => {
      await using executor = open();
      const value = new Map<unknown, unknown>([[1n, { bytes: new Uint8Array([1]), when: new Date(0) }]]);
      const given: unknown[] = [];
      for await (const each of executor.stream('stream', value)) given.push(each);
      expect(given).toEqual([value, value]);
      const reported: unknown[] = [];
      const future = executor.tasks.report(value);
      future.progress.subscribe((each) => reported.push(each));
      await future;
      expect(reported).toEqual([value]);
    });

    it('a value above the inline limit arrives unchanged', async () => {
      await using executor = open();
      const bytes = new Uint8Array(3_000_000).fill(9);
      const back = await executor.submit('echo', bytes);
      expect(Buffer.compare(back as Uint8Array, bytes)).toBe(0);
      const { reason } = (await executor.tasks.failWithBytes(300_000).settled()) as { reason: any };
      expect(reason).toBeInstanceOf(RangeError);
      expect([reason.bytes.length, reason.bytes[299_999]]).toEqual([300_000, 7]);
    });
  });

  describe('errors', () => {
    class QuotaError extends RangeError {
      declare left: number;
    }
    class DiskQuotaError extends QuotaError {
      declare disk: string;
    }
    class HttpError extends Error {
      declare status: number;
    }

    it('an error is an instance of the class that the client names, also in causes and aggregates', async () => {
      await using executor = open({ errorClasses: [DiskQuotaError, QuotaError, HttpError] });
      const quota = await reasonOf(executor.tasks.failQuota());
      expect(quota).toBeInstanceOf(DiskQuotaError);
      expect(quota).toMatchObject({ name: 'DiskQuotaError', message: 'full', left: 0, disk: 'sda1' });
      expect(quota.cause).toBeInstanceOf(QuotaError);
      expect(quota.cause).not.toBeInstanceOf(DiskQuotaError);
      const many = await reasonOf(executor.tasks.failAggregate());
      expect(many).toBeInstanceOf(AggregateError);
      expect(many.errors).toEqual([expect.any(TypeError), 'second', expect.any(HttpError)]);
      expect(many.errors[2]).toMatchObject({ status: 404, headers: { 'retry-after': '3' } });
    });

    it('an error is an instance of the nearest class that the client knows', async () => {
      await using executor = open({ errorClasses: [QuotaError] });
      const quota = await reasonOf(executor.tasks.failQuota());
      expect(quota).toBeInstanceOf(QuotaError);
      expect(quota.name).toBe('DiskQuotaError');
      await using other = open();
      const plain = await reasonOf(other.tasks.failQuota());
      expect(Object.getPrototypeOf(plain)).toBe(RangeError.prototype);
      expect(plain).toMatchObject({ name: 'DiskQuotaError', disk: 'sda1' });
    });

    it('an error arrives with its name, message, cause, properties and the stack of its thread', async () => {
      await using executor = open();
      const http = await reasonOf(executor.tasks.failHttp());
      expect(http).toMatchObject({ name: 'HttpError', message: 'Service Unavailable', status: 503 });
      expect(http.cause).toMatchObject({ name: 'RangeError', message: 'socket 7 hung up' });
      expect(http.stack).toMatch(/^HttpError: Service Unavailable\n +at failHttp .*errors\.js/);
      expect(await reasonOf(executor.tasks.failNode())).toMatchObject({ code: 'ENOENT', errno: -2 });
      const dom = await reasonOf(executor.tasks.failDom());
      expect(dom).toBeInstanceOf(DOMException);
      expect(dom).toMatchObject({ name: 'TimeoutError', message: 'took too long' });
    });

    it('an error names each property that could not be copied, once', async () => {
      await using executor = open();
      const error = await reasonOf(executor.tasks.failWithSocket());
      expect(error).toMatchObject({ port: 80, close: '[not copied: close is the function "close"]' });
    });
  });

  describe('rejections', () => {
    const shared = () => new Int32Array(new SharedArrayBuffer(4));
    it.each<[string, () => unknown, RegExp]>([
      ['a function', () => () => {}, /^arguments\[0\] is a function/],
      ['a function in a value', () => ({ on: { done() {} } }), /^arguments\[0\]\.on\.done is the function "done"/],
      ['a symbol', () => [Symbol('mine')], /^arguments\[0\]\[0\] is a symbol/],
      ['shared memory', () => ({ cells: shared() }), /shared memory/],
      ['an object of one process', () => ({ file: new Blob(['text']) }), /^The arguments can't be sent/],
    ])('%s as an argument rejects the future', async (_what, make, message) => {
      await using executor = open();
      const error = await reasonOf(executor.submit('echo', make()));
      expect(error).toBeInstanceOf(SerializationError);
      expect(error.message).toMatch(message);
    });

    it('a port rejects the future even if it is marked with transfer', async () => {
      await using executor = open();
      const { port1, port2 } = new MessageChannel();
      const error = await reasonOf(executor.submit('echo', transfer(port1)));
      expect(error).toBeInstanceOf(SerializationError);
      port1.close();
      port2.close();
    });

    it.each<[string, keyof Values, RegExp]>([
      ['a function', 'giveFunction', /^result is the function "handler"/],
      ['a function in a value', 'giveNestedFunction', /^result\.list\[1\]\.onClick is the function "onClick"/],
      ['a symbol', 'giveSymbol', /^result\.key is a symbol/],
      ['shared memory', 'giveShared', /shared memory/],
      ['an object of one process', 'giveBlob', /^result/],
    ])('%s as a result rejects the future, and the thread runs the next task', async (_what, task, message) => {
      await using executor = open();
      const error = await reasonOf(executor.submit(task as 'giveFunction'));
      expect(error).toBeInstanceOf(SerializationError);
      expect(error.message).toMatch(message);
      expect(await executor.submit('echo', 1)).toBe(1);
    });

    it('submit throws for a function that is not an export of the module', async () => {
      await using executor = open();
      expect(() => executor.submit((n: number) => n + 1, 1)).toThrow(/can't send functions\. Export the function/);
      expect(() =>
        executor.submit(function addOne(n: number) {
          return n + 1;
        }, 1),
      ).toThrow(/Export "addOne" from the task module/);
    });

    it('an argument above maxPayload rejects the future', async () => {
      await using executor = open({}, 10_000);
      const error = await reasonOf(executor.submit('echo', new Uint8Array(1_500_000)));
      expect(error).toBeInstanceOf(SerializationError);
      expect(error.path).toBe('arguments');
      expect(error.message).toMatch(/^The arguments take 1\.4 MiB, more than the 9\.8 KiB that maxPayload allows\./);
      expect(await executor.submit('echo', new Uint8Array(9_000))).toHaveLength(9_000);
    });
  });

  it('a server with a lower maxPayload rejects larger values, and names its limit', async () => {
    const address = { connection: redis.url, queue: 'small' };
    await using _service = await serveTasks({ ...address, tasks, maxWorkers: 1, maxPayload: 1_000 });
    await using executor = new Executor<Values>({ tasks, backend: bullmqBackend(address) });
    const result = await reasonOf(executor.tasks.makeBytes(5_000));
    expect(result).toBeInstanceOf(SerializationError);
    expect(result.path).toBe('result');
    expect(result.message).toMatch(/^The result takes 4\.9 KiB, more than the 1000 bytes that maxPayload allows\./);
    const argument = await reasonOf(executor.submit('echo', new Uint8Array(5_000)));
    expect(argument).toBeInstanceOf(SerializationError);
    expect(argument.path).toBe('arguments');
    expect(argument.message).toMatch(
      /^The arguments take 4\.9 KiB, more than the 1000 bytes that maxPayload of server ".+" allows\./,
    );
    expect(await executor.submit('echo', new Uint8Array(900))).toHaveLength(900);
    const values: number[] = [];
    const reading = executor
      .stream('streamBytes', [10, 5_000, 10])
      .forEach((value) => void values.push(value.length))
      .catch((error: unknown) => error);
    expect(await reading).toMatchObject({ name: 'SerializationError', path: 'value' });
    expect(values).toEqual([10]);
  });

  it('submitted chains are on the queue at once', async () => {
    await using executor = new Executor<Values>({ backend: bullmqBackend({ connection: redis.url, queue: 'chains' }) });
    const { echo } = executor.tasks;
    await executor.ready();
    const ends = Array.from({ length: 30 }, (_, i) => echo(i).pipe(chain(echo)).pipe(chain(echo)));
    await Promise.resolve();
    expect(executor.stats().queued).toBe(0);
    await using _service = await serveTasks({ connection: redis.url, queue: 'chains', tasks, maxWorkers: 1 });
    expect(await all(ends)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});

async function reasonOf(future: { settled(): Promise<unknown> }): Promise<any> {
  const outcome = (await future.settled()) as { status: string; reason?: unknown };
  expect(outcome.status).toBe('rejected');
  return outcome.reason;
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
