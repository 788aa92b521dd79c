/** A Redis that answers, and refuses: out of memory, a replica, a full disk, a user that may not. And jobs that a machine refuses. */
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
import { anyQueue, openClient, type Place, serveHere, startMachine } from './support/machines.js';
import { until } from './support/until.js';

let server: RedisServer;
let admin: Redis;
const anyPlace = (): Place => ({ connection: server.url, queue: anyQueue() });

/** What Redis says when it takes writes again, and when it does not. */
const states: readonly [what: string, code: string, break_: () => Promise<unknown>, mend: () => Promise<unknown>][] = [
  ['is out of memory', 'OOM', () => admin.config('SET', 'maxmemory', '1'), () => admin.config('SET', 'maxmemory', '0')],
  [
    'has too few replicas',
    'NOREPLICAS',
    () => admin.config('SET', 'min-replicas-to-write', '1'),
    () => admin.config('SET', 'min-replicas-to-write', '0'),
  ],
  ['is a replica', 'READONLY', () => admin.replicaof('127.0.0.1', 1), () => admin.replicaof('NO', 'ONE')],
];

describeWithRedis('Redis that refuses writes', () => {
  beforeEach(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
  });
  afterEach(async () => {
    admin.disconnect();
    await server.stop();
  });

  it.each(states)(
    '%s (%s): a future is rejected with advice, and the next one runs when Redis has recovered',
    async (_, code, break_, mend) => {
      const place = anyPlace();
      await using _machine = await serveHere(place, { lostAfter: 2_000 });
      await using client = openClient(place);
      expect(await client.tasks.add(1, 1)).toBe(2);
      await break_();
      for (const future of [client.tasks.add(1, 1), client.tasks.echo('x')]) {
        const { reason } = (await future.settled()) as { reason: RxFuturesError };
        expect(reason).toBeInstanceOf(code === 'OOM' ? QueueFullError : BrokenExecutorError);
        expect(reason.message).toContain(code);
        expect(reason.message).toMatch(/did not take the task: .*(Raise|Start|Connect)/);
        expect(JSON.stringify(reason.cause)).not.toContain('command');
      }
      expect(client.state).toBe('open');
      await mend();
      await until(async () => (await client.tasks.add(2, 2).settled()).status === 'fulfilled');
    },
  );

  it.each(states)(
    '%s (%s) while tasks run: their ends arrive, at the latest when Redis has recovered',
    async (_, code, break_, mend) => {
      const place = anyPlace();
      const events: ServeEvent[] = [];
      await using _machine = await serveHere(place, {
        concurrency: 4,
        lostAfter: 30_000,
        onEvent: (event) => void events.push(event),
      });
      await using client = openClient(place);
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
    },
  );

  it('is out of memory: a running task is stopped all the same, and a stream goes on', async () => {
    const place = anyPlace();
    await using _machine = await serveHere(place, { concurrency: 4 });
    await using client = openClient(place);
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

  it('takes no writes for a moment: the credit of a stream is sent again', async () => {
    const place = anyPlace();
    await using _machine = await serveHere(place);
    await using client = openClient(place);
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
    await until(() => values.length === 1);
    await admin.config('SET', 'min-replicas-to-write', '1');
    more();
    await until(() => values.length >= 4);
    await admin.config('SET', 'min-replicas-to-write', '0');
    await reading;
    expect(values).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('does not know the password any more: the client gives up after giveUpAfter, and says why', async () => {
    const place = anyPlace();
    const events: ServeEvent[] = [];
    const machine = await serveHere(place, { onEvent: (event) => void events.push(event) });
    const client = openClient(place, { giveUpAfter: 1_000, connectTimeout: 1_000 });
    expect(await client.tasks.add(1, 1)).toBe(2);
    await admin.config('SET', 'requirepass', 'new');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const { reason } = (await client.tasks.add(1, 1).settled()) as { reason: Error };
    expect(reason).toBeInstanceOf(RxFuturesError);
    expect(reason.message).toMatch(/NOAUTH/);
    await until(() => events.some(({ message }) => /NOAUTH.*Correct username and password/.test(message)));
    await client.terminate();
    await machine.terminate();
  });

  it('lacks a permission of its user: the future says which', async () => {
    await admin.call('ACL', 'SETUSER', 'weak', 'on', '>pw', '~*', '+@all', '-evalsha', '-eval');
    const place = { connection: `redis://weak:pw@127.0.0.1:${server.port}`, queue: anyQueue() };
    const client = openClient(place);
    const { reason } = (await client.tasks.add(1, 1).settled()) as { reason: Error };
    expect(reason).toBeInstanceOf(BrokenExecutorError);
    expect(reason.message).toMatch(/NOPERM.*Grant the user/);
    await client.terminate();
  });
});

describeWithRedis('a machine', () => {
  beforeEach(async () => {
    server = await startRedis();
    admin = new Redis(server.url);
  });
  afterEach(async () => {
    admin.disconnect();
    await server.stop();
  });

  it('refuses arguments above its maxPayload with a SerializationError, and runs what shares a job with them', async () => {
    const place = anyPlace();
    const events: ServeEvent[] = [];
    await using _machine = await serveHere(place, {
      maxPayload: 2_000,
      name: 'small',
      onEvent: (event) => void events.push(event),
    });
    await using client = openClient(place);
    await Promise.all(Array.from({ length: 50 }, () => client.tasks.echo('x')));
    const futures = Array.from({ length: 20 }, (_, i) => client.tasks.echo('secret '.repeat(i === 7 ? 1_000 : 1)));
    const outcomes = await Promise.all(futures.map((future) => future.settled()));
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(futures.map((_, i) => i !== 7));
    const { reason } = outcomes[7] as { reason: SerializationError };
    expect(reason).toBeInstanceOf(SerializationError);
    expect(reason.message).toMatch(/maxPayload of the machine small allows/);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'job-refused',
        message: expect.stringMatching(/job future-\d+ is refused: the arguments take/),
      }),
    ]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('refuses progress above its maxPayload: the task fails with a SerializationError, and the thread goes on', async () => {
    const place = anyPlace();
    await using _machine = await serveHere(place, { maxPayload: 2_000 });
    await using client = openClient(place);
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

  it('tells its log of jobs that it refuses, once in a while, and without their values', async () => {
    const place = anyPlace();
    await using machine = await startMachine(place);
    await using client = openClient(place);
    const unknown = client.submit('noSuchTask' as never, 'secret' as never) as Future<unknown>;
    await expect(unknown).rejects.toBeInstanceOf(TaskNotFoundError);
    await machine.line(1);
    await Promise.allSettled(
      Array.from({ length: 20 }, () => client.submit('noSuchTask' as never, 'secret' as never) as Future<unknown>),
    );
    expect(machine.lines[1]).toMatch(/^rx-futures: the job future-\d+ is refused: .*noSuchTask/);
    expect(machine.lines).toHaveLength(2);
    expect(machine.lines.join()).not.toContain('secret');
  });

  it('tells its log when Redis goes and comes back, and when it is out of memory', async () => {
    const place = anyPlace();
    await using machine = await startMachine(place, { lostAfter: 30_000 });
    await server.kill('SIGKILL');
    await machine.line(1);
    await server.restart();
    await until(() => machine.lines.some((line) => /the connection is there again/.test(line)));
    expect(machine.lines[1]).toMatch(/^rx-futures: Redis at 127\.0\.0\.1:\d+: the connection is lost/);
    // One for each kind of trouble, however often it is tried.
    expect(machine.lines.length).toBeLessThan(8);
  });

  it('tells its log of jobs that were on a lost machine', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    await using doomed = await startMachine(place, { name: 'doomed', rerunLost: 1 });
    const held = client.tasks.linger(gate.cells, 7);
    await gate.arrivals();
    await using other = await startMachine(place, { name: 'other', rerunLost: 1 });
    doomed.kill('SIGKILL');
    await gate.arrivals(2);
    gate.open();
    expect(await held).toBe(7);
    expect(other.lines[1]).toMatch(/^rx-futures: the job future-\d+ was on a machine that is lost, and runs here/);
  });
});
