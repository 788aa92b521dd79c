/** Faults, with real processes and a real Redis: machines and clients are killed, Redis is restarted, paused, and goes away. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { BrokenExecutorError, chain, type Future, WorkerDiedError } from 'rx-futures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { anyQueue, countQueued, isQueued, openClient, type Place, serveHere, startServer } from './support/machines.js';
import { until } from './support/until.js';

let redis: RedisServer;
const anyPlace = (): Place => ({ connection: redis.url, queue: anyQueue() });
const died = expect.objectContaining({ name: 'WorkerDiedError', code: 'ERR_WORKER_DIED', workerName: 'doomed' });

describeWithRedis('a machine is killed', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('in the middle of a task: its future is rejected with the name of the machine, and others go on', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    await using doomed = await startServer(place, { name: 'doomed' });
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells);
    await gate.arrivals();
    const waiting = client.tasks.add(40, 2);
    await using _other = await startServer(place, { name: 'other' });
    doomed.kill('SIGKILL');
    const outcome = await held.settled();
    expect(outcome).toMatchObject({ status: 'rejected', reason: died });
    expect((outcome as { reason: unknown }).reason).toBeInstanceOf(WorkerDiedError);
    expect(await waiting).toBe(42);
    expect(gate.arrived).toBe(1);
  });

  it('in the middle of a task, with rerunLost: it runs again on another', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    await using doomed = await startServer(place, { name: 'doomed', rerunLost: 1 });
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells, 7);
    await gate.arrivals();
    await using _other = await startServer(place, { name: 'other', rerunLost: 1 });
    doomed.kill('SIGKILL');
    await gate.arrivals(2);
    gate.open();
    expect(await held).toBe(7);
    expect(gate.arrived).toBe(2);
  });

  it('more often than rerunLost allows: then it is rejected', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells, 7);
    for (let run = 1; run <= 2; run++) {
      await using doomed = await startServer(place, { name: 'doomed', rerunLost: 1 });
      await gate.arrivals(run);
      doomed.kill('SIGKILL');
    }
    await using _other = await startServer(place, { name: 'other', rerunLost: 1 });
    expect(await held.settled()).toMatchObject({ status: 'rejected', reason: died });
    expect(gate.arrived).toBe(2);
  });

  it.each(['one after another', 'in one pipe call'] as const)(
    'in the middle of a chain, %s: what comes after is not run',
    async (way) => {
      const place = anyPlace();
      using gate = new FileGate();
      await using client = openClient(place);
      await using doomed = await startServer(place, { name: 'doomed' });
      const { head, last } = submitChain(client, gate, way);
      await gate.arrivals();
      await using _other = await startServer(place, { name: 'other' });
      doomed.kill('SIGKILL');
      expect(await last.settled()).toMatchObject({ status: 'rejected', reason: died });
      expect(await head).toEqual({ cells: gate.cells, trail: ['first'] });
      expect(gate.notes).toEqual([1, 2]);
    },
  );

  it.each(['one after another', 'in one pipe call'] as const)(
    'in the middle of a chain, %s, with rerunLost: what had ended is not run again',
    async (way) => {
      const place = anyPlace();
      using gate = new FileGate();
      await using client = openClient(place);
      await using doomed = await startServer(place, { name: 'doomed', rerunLost: 1 });
      const { head, last } = submitChain(client, gate, way);
      await gate.arrivals();
      await head;
      await using _other = await startServer(place, { name: 'other', rerunLost: 1 });
      doomed.kill('SIGKILL');
      await gate.arrivals(2);
      gate.open();
      expect(await last).toBe('first second third');
      expect(gate.notes).toEqual([1, 2, 2, 3]);
    },
  );

  it('in a later step of one pipe call, with rerunLost: the steps before it are not run again', async () => {
    const place = anyPlace();
    using gate = new FileGate();
    await using client = openClient(place);
    await using doomed = await startServer(place, { name: 'doomed', rerunLost: 1 });
    const { tasks } = client;
    const last = tasks
      .first(gate.cells)
      .pipe(chain(tasks.mark), chain(tasks.mark), chain(tasks.second), chain(tasks.third));
    await gate.arrivals();
    // Noted within a round trip to Redis.
    await until(() => isNoted(place, 2));
    await using _other = await startServer(place, { name: 'other', rerunLost: 1 });
    doomed.kill('SIGKILL');
    await gate.arrivals(2);
    gate.open();
    expect(await last).toBe('first second third');
    expect(gate.notes).toEqual([1, 4, 4, 2, 2, 3]);
  });

  it.each(['one after another', 'in one pipe call'] as const)(
    'or stopped for longer than lostAfter, in the middle of a chain, %s: it begins no further step when it wakes up',
    async (way) => {
      const place = anyPlace();
      using gate = new FileGate();
      await using client = openClient(place);
      await using doomed = await startServer(place, { name: 'doomed', rerunLost: 1 });
      const { head, last } = submitChain(client, gate, way);
      await gate.arrivals();
      await head;
      await using _other = await startServer(place, { name: 'other', rerunLost: 1 });
      doomed.kill('SIGSTOP');
      await gate.arrivals(2);
      doomed.kill('SIGCONT');
      // It has found out when it takes another job; its step is told to stop, and its thread replaced if need be.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      gate.open();
      expect(await last).toBe('first second third');
      doomed.kill('SIGTERM');
      await doomed.ended();
      expect(gate.notes).toEqual([1, 2, 2, 3]);
    },
  );

  it('while the others are busy: they tell of it all the same', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    using busy = new FileGate();
    await using doomed = await startServer(place, { name: 'doomed' });
    const held = client.tasks.hold(gate.cells);
    await gate.arrivals();
    await using _other = await startServer(place, { name: 'other' });
    const running = client.tasks.hold(busy.cells, 2);
    await busy.arrivals();
    doomed.kill('SIGKILL');
    expect(await held.settled()).toMatchObject({ status: 'rejected', reason: died });
    expect(running.state).toBe('running');
    busy.open();
    expect(await running).toBe(2);
  });

  it('or taken for dead, and wakes up later: what was said of its task stays said', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    await using doomed = await startServer(place, { name: 'doomed' });
    const held = client.tasks.linger(gate.cells, 5);
    await gate.arrivals();
    await using _other = await startServer(place, { name: 'other' });
    doomed.kill('SIGSTOP');
    expect(await held.settled()).toMatchObject({ status: 'rejected', reason: died });
    doomed.kill('SIGCONT');
    gate.open();
    doomed.kill('SIGTERM');
    expect(await doomed.ended()).toEqual({ code: 0, signal: null });
    await using later = openClient(place);
    expect(await later.attach(held.id).settled()).toMatchObject({ status: 'rejected', reason: died });
  });

  it.each([0, 1])(
    'while it has thousands of small tasks: those that it had not begun run elsewhere, and none runs twice (round %i)',
    async () => {
      const place = anyPlace();
      await using client = openClient(place);
      await using doomed = await startServer(place, { name: 'doomed', workers: 2, concurrency: 4 });
      using gate = new FileGate();
      // Known for quick, they share jobs from then on.
      await Promise.all(Array.from({ length: 100 }, () => client.tasks.add(1, 1)));
      const marks = Array.from({ length: 3_000 }, (_, i) => i);
      const noted = marks.map((mark) => client.tasks.note(gate.cells, mark));
      await until(() => gate.notes.length > 500);
      doomed.kill('SIGKILL');
      await using _other = await startServer(place, { name: 'other' });
      const outcomes = await Promise.all(noted.map((future) => future.settled()));
      const runs = new Set(gate.notes);
      expect(gate.notes.length).toBe(runs.size);
      const lost = marks.filter((mark) => outcomes[mark]!.status === 'rejected');
      // The machine may be lost in the moment in which it takes a job, before it could say so.
      const workerName = expect.stringMatching(/^(doomed|unknown)$/);
      for (const mark of lost)
        expect(outcomes[mark]).toMatchObject({ reason: { name: 'WorkerDiedError', workerName } });
      // The whole machine notes 24 ahead, beside the 8 that it has places for.
      expect(lost.filter((mark) => !runs.has(mark)).length).toBeLessThanOrEqual(32);
      // All that is not rejected has run.
      for (const mark of marks) if (!lost.includes(mark)) expect(runs.has(mark)).toBe(true);
    },
  );

  it('in the middle of a job that small tasks share: those behind the first few run elsewhere', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    await using doomed = await startServer(place, { name: 'doomed' });
    using gate = new FileGate();
    // Known for quick, they share a job from then on.
    await Promise.all(Array.from({ length: 100 }, () => client.tasks.noteOrLinger(gate.cells, -1, 0)));
    const marks = Array.from({ length: 60 }, (_, i) => i);
    const noted = marks.map((mark) => client.tasks.noteOrLinger(gate.cells, mark, 20));
    await gate.arrivals();
    doomed.kill('SIGKILL');
    await using _other = await startServer(place, { name: 'other' });
    const outcomes = await Promise.all(noted.map((future) => future.settled()));
    const lost = marks.filter((mark) => outcomes[mark]!.status === 'rejected');
    expect(lost).toContain(20);
    expect(lost.length).toBeLessThanOrEqual(24);
    const runs = gate.notes.filter((mark) => mark >= 0);
    expect(runs.length).toBe(new Set(runs).size);
    for (const mark of marks) if (!lost.includes(mark)) expect(runs).toContain(mark);
  });

  it('with a retry left: the task runs again on another machine, also if it was the only one at first', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    const held = client.tasks.hold.with({ retry: 1 })(gate.cells, 7);
    {
      await using doomed = await startServer(place, { name: 'doomed' });
      await gate.arrivals();
      doomed.kill('SIGKILL');
      await doomed.ended();
    }
    // Longer than it takes a client to look.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(held.state).toBe('running');
    await using _other = await startServer(place, { name: 'other' });
    await gate.arrivals(2);
    gate.open();
    expect(await held).toBe(7);
    expect(gate.arrived).toBe(2);
  });

  it('more often than its retries: then the task is rejected, and failures before count', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    const held = client.tasks.failThenHold.with({ retry: 2 })(gate.cells);
    for (const runs of [2, 3]) {
      await using doomed = await startServer(place, { name: 'doomed' });
      await until(() => gate.runs === runs && gate.arrived === runs - 1);
      doomed.kill('SIGKILL');
      await doomed.ended();
    }
    expect(await held.settled()).toMatchObject({ status: 'rejected', reason: died });
    expect(gate.runs).toBe(3);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'by %s while it is the only one: the client finds that itself, for all who wait',
    async (signal) => {
      const place = anyPlace();
      await using client = openClient(place);
      await using other = openClient(place);
      await using doomed = await startServer(place, { name: 'doomed' });
      using gate = new FileGate();
      const { head, last } = submitChain(client, gate, 'one after another');
      await gate.arrivals();
      const attached = other.attach(last.id);
      await head;
      doomed.kill(signal);
      // The second one ends it at once.
      if (signal === 'SIGTERM') await until(() => doomed.lines.length > 1);
      if (signal === 'SIGTERM') doomed.kill(signal);
      await doomed.ended();
      expect(await last.settled()).toMatchObject({ status: 'rejected', reason: died });
      expect(await attached.settled()).toMatchObject({ status: 'rejected', reason: died });
      expect(await head).toMatchObject({ trail: ['first'] });
      await using _later = await startServer(place, { name: 'later' });
      expect(await client.tasks.add(1, 1)).toBe(2);
      expect(gate.notes).toEqual([1, 2]);
    },
  );

  it('while it is the only one, with rerunLost: the task waits for the next machine', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells, 7);
    await using doomed = await startServer(place, { name: 'doomed', rerunLost: 1 });
    await gate.arrivals();
    doomed.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(held.isSettled).toBe(false);
    await using _other = await startServer(place, { name: 'other', rerunLost: 1 });
    await gate.arrivals(2);
    gate.open();
    expect(await held).toBe(7);
  });
});

/** Whether a machine has noted the end of so many steps of one future. */
async function isNoted({ connection, queue }: Place, steps: number): Promise<boolean> {
  const reader = new Redis(connection);
  try {
    for (const key of await reader.keys(`bull:${queue}:future-*`)) {
      if ((await reader.type(key)) !== 'hash') continue;
      const fields = await reader.hgetall(key);
      if (
        Object.entries(fields).some(([name, text]) => name.startsWith('futuresSteps') && text.startsWith(`${steps}:`))
      )
        return true;
    }
    return false;
  } finally {
    reader.disconnect();
  }
}

type Client = ReturnType<typeof openClient>;

function submitChain({ tasks }: Client, gate: FileGate, way: string): { head: Future<unknown>; last: Future<string> } {
  const head = tasks.first(gate.cells);
  if (way === 'in one pipe call') return { head, last: head.pipe(chain(tasks.second), chain(tasks.third)) };
  return { head, last: head.pipe(chain(tasks.second)).pipe(chain(tasks.third)) };
}

describeWithRedis('Redis', () => {
  it('is restarted while tasks run and wait: everything settles, and nothing runs twice', async () => {
    const redisServer = await startRedis({ appendonly: true });
    try {
      await disturb({ connection: redisServer.url, queue: anyQueue() }, () => redisServer.restart());
    } finally {
      await redisServer.stop();
    }
  });

  it('answers nothing for five seconds: the same', async () => {
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

  it('goes away for longer than giveUpAfter: what had begun is rejected, and says why', async () => {
    const redisServer = await startRedis();
    using gate = new FileGate();
    const place = { connection: redisServer.url, queue: anyQueue() };
    const client = openClient(place, { giveUpAfter: 300, connectTimeout: 300 });
    await using _server = await startServer(place);
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
          cause: { message: expect.stringMatching(/queue-.* away for more than 300 ms/) },
        },
      });
      const outcome = await waiting.settled();
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'BrokenExecutorError' } });
    } finally {
      await redisServer.stop();
      await client.terminate();
    }
  });

  it('comes back after giveUpAfter, with what it had: what waits there is not sent twice', async () => {
    const redisServer = await startRedis({ appendonly: true });
    using gate = new FileGate();
    const place = { connection: redisServer.url, queue: anyQueue() };
    const client = openClient(place, { giveUpAfter: 200, connectTimeout: 10_000 });
    using busy = new FileGate();
    try {
      await using _server = await startServer(place, { lostAfter: 30_000 });
      const held = client.tasks.hold(busy.cells);
      await until(() => held.state === 'running');
      const counted = Array.from({ length: 40 }, () => client.tasks.count(gate.cells));
      await until(async () => (await countQueued(place)) === 40);
      await redisServer.kill('SIGKILL');
      const later = Array.from({ length: 60 }, () => client.tasks.count(gate.cells));
      expect(await held.settled()).toMatchObject({ status: 'rejected', reason: { name: 'WorkerDiedError' } });
      await redisServer.restart();
      // What waits is quick when it is taken, so that the rest of what comes back shares jobs.
      busy.open();
      await Promise.all([...counted, ...later]);
      expect(gate.runs).toBe(100);
    } finally {
      await client.terminate();
      await redisServer.stop();
    }
  });

  it('comes back without what it had: what it has lost is rejected, and what is new runs', async () => {
    const redisServer = await startRedis({ appendonly: false });
    const place = { connection: redisServer.url, queue: anyQueue() };
    const client = openClient(place);
    const other = openClient(place);
    try {
      const head = client.tasks.echo({ cells: '', trail: ['a'] });
      const chained = head.pipe(chain(client.tasks.third as never));
      await until(() => isQueued(place));
      const attached = other.attach(chained.id);
      // Behind it, on the same connection.
      await other.attach(1).settled();
      await redisServer.restart();
      for (const future of [head, chained, attached]) {
        const { reason } = (await future.settled()) as { reason: Error };
        expect(reason).toBeInstanceOf(WorkerDiedError);
        expect(reason.message).toMatch(/Redis has come back without the task/);
      }
      await using _server = await startServer(place);
      expect(await client.tasks.add(1, 1)).toBe(2);
    } finally {
      await client.terminate();
      await other.terminate();
      await redisServer.stop();
    }
  });

  it.each(['close', 'terminate'] as const)(
    'is away when a machine is told to end: %s() does not wait for it',
    async (how) => {
      const redisServer = await startRedis();
      const service = await serveHere({ connection: redisServer.url, queue: anyQueue() }, { lostAfter: 500 });
      await redisServer.kill('SIGKILL');
      await service[how]();
      await service.closed;
    },
  );

  it('comes back before giveUpAfter: the client notices nothing', async () => {
    const redisServer = await startRedis({ appendonly: true });
    using gate = new FileGate();
    const place = { connection: redisServer.url, queue: anyQueue() };
    await using client = openClient(place, { giveUpAfter: 10_000 });
    await using _server = await startServer(place, { lostAfter: 30_000 });
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

/** Tasks that run, wait, and are submitted while something happens to Redis. */
async function disturb(place: Place, disturbance: () => Promise<void>): Promise<void> {
  using gate = new FileGate();
  const client = openClient(place);
  try {
    await using _one = await startServer(place, { name: 'one', concurrency: 4, lostAfter: 30_000 });
    await using _two = await startServer(place, { name: 'two', concurrency: 4, lostAfter: 30_000 });
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

describeWithRedis('Redis that is not there, or turns us away', () => {
  it('with a wrong password: says where, and why', async () => {
    const redisServer = await startRedis({ password: 'right' });
    try {
      const place = { connection: `redis://:wrong@127.0.0.1:${redisServer.port}`, queue: anyQueue() };
      await expectBroken(place, new RegExp(`127\\.0\\.0\\.1:${redisServer.port} turns us away: WRONGPASS`));
      const none = { connection: `redis://127.0.0.1:${redisServer.port}`, queue: anyQueue() };
      await expectBroken(none, new RegExp(`127\\.0\\.0\\.1:${redisServer.port} turns us away: NOAUTH`));
    } finally {
      await redisServer.stop();
    }
  });

  it('on a port where nobody listens: within connectTimeout', async () => {
    const redisServer = await startRedis();
    await redisServer.stop();
    const place = { connection: redisServer.url, queue: anyQueue() };
    await expectBroken(
      place,
      new RegExp(`127\\.0\\.0\\.1:${redisServer.port} did not answer within 300 ms .*ECONNREFUSED`),
    );
  });

  it('on a port that accepts and never answers: within connectTimeout', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as { port: number };
    try {
      const place = { connection: `redis://127.0.0.1:${port}`, queue: anyQueue() };
      await expectBroken(place, new RegExp(`127\\.0\\.0\\.1:${port} did not answer within 300 ms`));
    } finally {
      for (const socket of sockets) socket.destroy();
      mute.close();
    }
  });
});

/** For client and machine alike. */
async function expectBroken(place: Place, message: RegExp): Promise<void> {
  const since = performance.now();
  const client = openClient(place, { connectTimeout: 300 });
  const { reason } = (await client.tasks.add(1, 1).settled()) as { reason: Error };
  expect(reason).toBeInstanceOf(BrokenExecutorError);
  expect(reason.message).toMatch(message);
  expect(client.state).toBe('broken');
  await client.terminate();
  await expect(serveHere(place, { connectTimeout: 300 })).rejects.toThrow(message);
  // Twice 300 ms, and some for a machine that has other things to do.
  expect(performance.now() - since).toBeLessThan(3_000);
}
