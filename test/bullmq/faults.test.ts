/**
 * Faults, with real processes and a real Redis: servers and clients are killed, and Redis is
 * restarted, paused or unreachable.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { BrokenExecutorError, chain, type Future, WorkerDiedError } from 'rx-futures';
import { expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { describeQueue } from './support/describe-queue.js';
import { anyQueue, countQueued, isQueued, openClient, type Place, serveHere, startServer } from './support/servers.js';

const died = expect.objectContaining({ name: 'WorkerDiedError', code: 'ERR_WORKER_DIED', workerName: 'doomed' });

describeQueue('A lost server', (anyPlace) => {
  it("a killed server rejects its running task with the server's name, and another server runs the next", async () => {
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

  it('a task of a killed server runs again on another one with rerunLost', async () => {
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

  it('a task is rejected if more servers are killed than rerunLost allows', async () => {
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
    'a server that is killed in a chain, %s, rejects the running step, and later steps never run',
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
    'a chain, %s, of a killed server runs again without its finished steps with rerunLost',
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

  it('a chain of one pipe call that is lost in a later step runs again from that step with rerunLost', async () => {
    const place = anyPlace();
    using gate = new FileGate();
    await using client = openClient(place);
    await using doomed = await startServer(place, { name: 'doomed', rerunLost: 1 });
    const { tasks } = client;
    const last = tasks
      .first(gate.cells)
      .pipe(chain(tasks.mark), chain(tasks.mark), chain(tasks.second), chain(tasks.third));
    await gate.arrivals();
    // The note arrives within a round trip to Redis.
    await until(() => isNoted(place, 2));
    await using _other = await startServer(place, { name: 'other', rerunLost: 1 });
    doomed.kill('SIGKILL');
    await gate.arrivals(2);
    gate.open();
    expect(await last).toBe('first second third');
    expect(gate.notes).toEqual([1, 4, 4, 2, 2, 3]);
  });

  it.each(['one after another', 'in one pipe call'] as const)(
    'a server that was stopped for longer than lostAfter in a chain, %s, starts no further step',
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
      // The server has noticed the loss, and has aborted the signal of the running step.
      await until(() => gate.runs === 1);
      gate.open();
      expect(await last).toBe('first second third');
      doomed.kill('SIGTERM');
      await doomed.ended();
      expect(gate.notes).toEqual([1, 2, 2, 3]);
    },
  );

  it('a busy server rejects the task of a killed server', async () => {
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

  it('a rejected task stays rejected if its server was only stopped and continues later', async () => {
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
    'small tasks that a killed server had not started run elsewhere, and none runs twice (round %i)',
    async () => {
      const place = anyPlace();
      await using client = openClient(place);
      await using doomed = await startServer(place, { name: 'doomed', workers: 2, concurrency: 4 });
      using gate = new FileGate();
      // Once known to be quick, the tasks share jobs.
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
      // The name is unknown if the server is lost before it has noted its name.
      const workerName = expect.stringMatching(/^(doomed|unknown)$/);
      for (const mark of lost)
        expect(outcomes[mark]).toMatchObject({ reason: { name: 'WorkerDiedError', workerName } });
      // The whole server notes 24 trees ahead, in addition to its 8 slots.
      expect(lost.filter((mark) => !runs.has(mark)).length).toBeLessThanOrEqual(32);
      // All tasks that are not rejected have run.
      for (const mark of marks) if (!lost.includes(mark)) expect(runs.has(mark)).toBe(true);
    },
  );

  it('a shared job of a killed server continues elsewhere behind the first few tasks', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    await using doomed = await startServer(place, { name: 'doomed' });
    using gate = new FileGate();
    // Once known to be quick, the tasks share a job.
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

  it('a lost task with a retry left runs again as soon as another server starts', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    const held = client.tasks.linger.with({ retry: 1 })(gate.cells, 7);
    const lost = client.tasks.linger(gate.cells);
    {
      await using doomed = await startServer(place, { name: 'doomed', concurrency: 2 });
      await gate.arrivals(2);
      doomed.kill('SIGKILL');
      await doomed.ended();
    }
    // The reconciler judges both tasks in one check.
    expect(await lost.settled()).toMatchObject({ status: 'rejected', reason: died });
    expect(held.state).toBe('running');
    await using _other = await startServer(place, { name: 'other' });
    await gate.arrivals(3);
    gate.open();
    expect(await held).toBe(7);
    expect(gate.arrived).toBe(3);
  });

  it('a lost task is rejected if losses and failures together exceed its retries', async () => {
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
    'a client detects the loss of the only server, by %s, for all futures and for attached clients',
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
      // The second SIGTERM ends the server at once.
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

  it('a task of the only server waits for the next server with rerunLost', async () => {
    const place = anyPlace();
    await using client = openClient(place);
    using gate = new FileGate();
    await using doomed = await startServer(place, { name: 'doomed', rerunLost: 1, concurrency: 2 });
    const held = client.tasks.linger(gate.cells, 7);
    await gate.arrivals();
    const values = client.tasks.numbers.with({ highWaterMark: 1 }).stream(gate.cells)[Symbol.asyncIterator]();
    await values.next();
    doomed.kill('SIGKILL');
    const readOn = async () => {
      while (!(await values.next()).done);
    };
    // The reconciler judges both in one check. A stream never runs again.
    await expect(readOn()).rejects.toThrow(WorkerDiedError);
    expect(held.isSettled).toBe(false);
    await using _other = await startServer(place, { name: 'other', rerunLost: 1 });
    await gate.arrivals(2);
    gate.open();
    expect(await held).toBe(7);
  });
});

/** Returns true if a server has noted that this many steps of one future have finished. */
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
    const place = { connection: redisServer.url, queue: anyQueue() };
    const client = openClient(place);
    const other = openClient(place);
    try {
      const head = client.tasks.echo({ cells: '', trail: ['a'] });
      const chained = head.pipe(chain(client.tasks.third as never));
      await until(() => isQueued(place));
      const attached = other.attach(chained.id);
      // This attach travels behind the first one, on the same connection.
      await other.attach(1).settled();
      await redisServer.restart();
      for (const future of [head, chained, attached]) {
        const { reason } = (await future.settled()) as { reason: Error };
        expect(reason).toBeInstanceOf(WorkerDiedError);
        expect(reason.message).toMatch(/Redis restarted and lost this task/);
      }
      await using _server = await startServer(place);
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

  it('a client notices nothing if Redis comes back before giveUpAfter', async () => {
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

/** Runs, queues and submits tasks while `disturbance` happens to Redis. */
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

describeWithRedis('A Redis that cannot be used', () => {
  it('a wrong password causes an error with the address and the reason', async () => {
    const redisServer = await startRedis({ password: 'right' });
    try {
      const place = { connection: `redis://:wrong@127.0.0.1:${redisServer.port}`, queue: anyQueue() };
      await expectBroken(place, new RegExp(`127\\.0\\.0\\.1:${redisServer.port} rejected the connection: WRONGPASS`));
      const none = { connection: `redis://127.0.0.1:${redisServer.port}`, queue: anyQueue() };
      await expectBroken(none, new RegExp(`127\\.0\\.0\\.1:${redisServer.port} rejected the connection: NOAUTH`));
    } finally {
      await redisServer.stop();
    }
  });

  it('a port without a listener causes an error within connectTimeout', async () => {
    const redisServer = await startRedis();
    await redisServer.stop();
    const place = { connection: redisServer.url, queue: anyQueue() };
    await expectBroken(
      place,
      new RegExp(`127\\.0\\.0\\.1:${redisServer.port} did not answer within 300 ms .*ECONNREFUSED`),
    );
  });

  it('a port that never answers causes an error within connectTimeout', async () => {
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

/** Expects the error at a client and at a server. */
async function expectBroken(place: Place, message: RegExp): Promise<void> {
  const since = performance.now();
  const client = openClient(place, { connectTimeout: 300 });
  const { reason } = (await client.tasks.add(1, 1).settled()) as { reason: Error };
  expect(reason).toBeInstanceOf(BrokenExecutorError);
  expect(reason.message).toMatch(message);
  expect(client.state).toBe('broken');
  await client.terminate();
  await expect(serveHere(place, { connectTimeout: 300 })).rejects.toThrow(message);
  // Twice 300 ms, and a margin for a busy host.
  expect(performance.now() - since).toBeLessThan(3_000);
}
