/** `attach`: any client finds a future again by its id, even if the first client has died. */
import { all, chain, recover } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { describeWithRedis, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { describeQueue } from './support/describe-queue.js';
import {
  anyQueue,
  isQueued,
  openClient,
  type Program,
  type QueueAddress,
  serveHere,
  startClient,
  startServer,
} from './support/servers.js';

type Client = ReturnType<typeof openClient>;

describeQueue('attach', (anyAddress) => {
  it.each(['chain', 'pipe'] as const)(
    'attach finds a chain (%s) of a killed client, before and after it has settled',
    async (what) => {
      const address = anyAddress();
      using gate = new FileGate();
      await using _server = await startServer(address);
      const ids = await submitAndDie(address, { what, cells: gate.cells }, () => gate.arrivals());
      await using before = startClient(address, { what: 'attach', id: ids.at(-1) });
      gate.open();
      const end = { status: 'fulfilled', value: 'first second third' };
      expect(await before.says(0)).toEqual(end);
      await using after = startClient(address, { what: 'attach', id: ids.at(-1) });
      expect(await after.says(0)).toEqual(end);
      await using head = startClient(address, { what: 'attach', id: ids[0] });
      expect(await head.says(0)).toMatchObject({ status: 'fulfilled', value: { trail: ['first'] } });
      expect(gate.notes).toEqual([1, 2, 3]);
    },
  );

  it('attach finds a task that no server has claimed yet, and chains to it', async () => {
    const address = anyAddress();
    using gate = new FileGate();
    const ids = await submitAndDie(address, { what: 'chain', cells: gate.cells });
    await using client = openClient(address);
    const attached = client.attach<string>(ids.at(-1)!);
    const chained = attached.pipe(chain((text) => text.toUpperCase()));
    gate.open();
    await using _server = await startServer(address);
    expect(await chained).toBe('FIRST SECOND THIRD');
  });

  it.each(['before', 'after'] as const)('attach delivers the error of a task, %s the task has failed', async (when) => {
    const address = anyAddress();
    await using _server = await startServer(address);
    using gate = new FileGate();
    const ids = await submitAndDie(address, { what: 'task', task: 'failAtGate', cells: gate.cells }, () =>
      gate.arrivals(),
    );
    await using client = openClient(address);
    const early = client.attach(ids[0]!);
    gate.open();
    const failure = { status: 'rejected', reason: { name: 'RangeError', message: 'as it must', cause: 'the gate' } };
    expect(await early.settled()).toMatchObject(failure);
    if (when === 'after') {
      await using another = openClient(address);
      expect(await another.attach(ids[0]!).settled()).toMatchObject(failure);
    }
  });

  it('cancel of an attached future cancels the task of the other client', async () => {
    const address = anyAddress();
    await using _server = await startServer(address);
    using gate = new FileGate();
    const ids = await submitAndDie(address, { what: 'task', task: 'untilAborted', cells: gate.cells }, () =>
      gate.arrivals(),
    );
    await using client = openClient(address);
    const attached = client.attach(ids[0]!);
    await until(() => attached.state === 'running');
    expect(attached.cancel({ mark: 17 })).toBe(true);
    expect(attached.state).toBe('cancelled');
    await client.tasks.add(1, 1);
    expect(gate.notes[1]).toBe(17);
    await using another = openClient(address);
    expect(await another.attach(ids[0]!).settled()).toMatchObject({
      status: 'cancelled',
      reason: { cause: { mark: 17 } },
    });
  });

  it('attach rejects with a RangeError if the queue has no future with the id', async () => {
    const address = anyAddress();
    await using client = openClient(address);
    const { reason } = (await client.attach(4_711).settled()) as { reason: Error };
    expect(reason).toBeInstanceOf(RangeError);
    expect(reason.message).toMatch(/attach\(4711\): the queue "queue-\w+" has no future with this id/);
  });

  it.each(['chain', 'task'] as const)('attach reports that a %s was cancelled before it started', async (what) => {
    const address = anyAddress();
    await using client = openClient(address);
    using gate = new FileGate();
    const head = client.tasks.first(gate.cells);
    const last = what === 'task' ? head : head.pipe(chain(client.tasks.second), chain(client.tasks.third));
    await until(() => isQueued(address));
    await using other = openClient(address);
    const early = other.attach(last.id);
    last.cancel('enough');
    await until(async () => !(await isQueued(address)));
    await using another = openClient(address);
    for (const attached of [another.attach(last.id), another.attach(head.id), early]) {
      expect(await attached.settled()).toMatchObject({ status: 'cancelled', reason: { cause: 'enough' } });
    }
  });

  it('attach rejects with a RangeError if the outcome is older than keepResults', async () => {
    const address = anyAddress();
    await using _service = await serveHere(address);
    await using client = openClient(address, { keepResults: 50 });
    const added = client.tasks.add(1, 1);
    await added;
    await using later = openClient(address);
    // The job still exists: BullMQ removes it when a later job finishes.
    await until(async () => (await later.attach(added.id).settled()).status === 'rejected');
    const { reason } = (await later.attach(added.id).settled()) as { reason: unknown };
    expect(reason).toBeInstanceOf(RangeError);
  });

  it('two clients that attach to one future and its submitter all receive the outcome', async () => {
    const address = anyAddress();
    await using _service = await serveHere(address);
    await using client = openClient(address);
    await using another = openClient(address);
    using gate = new FileGate();
    const held = client.tasks.linger(gate.cells, 5);
    await gate.arrivals();
    const attached = [client.attach(held.id), another.attach(held.id), another.attach(held.id)];
    await another.attach(1).settled();
    gate.open();
    expect(await Promise.all([held, ...attached])).toEqual([5, 5, 5, 5]);
  });

  it('attach finds a task that its own client has not sent yet', async () => {
    const address = anyAddress();
    await using _service = await serveHere(address);
    await using client = openClient(address);
    const added = Array.from({ length: 100 }, (_, i) => client.tasks.add(i, 1));
    expect(await client.attach(added[60]!.id)).toBe(61);
    expect(await added[60]).toBe(61);
  });

  it('attach finds a task of its own client that is sent later because of a lower priority', async () => {
    const address = anyAddress();
    await using _service = await serveHere(address);
    await using client = openClient(address);
    await client.tasks.add(1, 1);
    const urgent = client.tasks.add.with({ priority: -5 })(1, 2);
    const attached = client.attach(urgent.id);
    expect(await Promise.all([urgent, attached])).toEqual([3, 3]);
  });

  describe('An attached future, before Redis has confirmed it,', () => {
    /**
     * Runs a task of another client, which waits at the gate. `use` attaches in the tick in which
     * its client is created.
     */
    async function atGate(use: (client: Client, id: number, gate: FileGate) => Promise<void>): Promise<void> {
      const address = anyAddress();
      await using _service = await serveHere(address, { maxWorkers: 2 });
      await using submitter = openClient(address);
      using gate = new FileGate();
      const held = submitter.tasks.linger(gate.cells, 5);
      await gate.arrivals();
      await using client = openClient(address);
      try {
        await use(client, held.id, gate);
      } finally {
        gate.open();
        await held.settled();
      }
    }

    it.each([
      ['can be chained with a task', (client, id) => client.attach<number>(id).pipe(chain(client.tasks.increment)), 6],
      [
        'can be chained with tasks in one pipe call',
        (client, id) => client.attach<number>(id).pipe(chain(client.tasks.increment), chain(client.tasks.double)),
        12,
      ],
      [
        'can be chained with a function and a task',
        (client, id) =>
          client.attach<number>(id).pipe(
            chain((value) => value * 10),
            chain(client.tasks.increment),
          ),
        51,
      ],
      ['can be recovered', (client, id) => client.attach<number>(id).pipe(recover(() => 0)), 5],
      ['can be an argument of another task', (client, id) => client.tasks.add(client.attach<number>(id), 1), 6],
      [
        'can be combined with another one',
        (client, id) => all([client.attach<number>(id), client.attach<number>(id)]),
        [5, 5],
      ],
      [
        'can be attached twice, each with a chain of tasks',
        (client, id) =>
          all(
            [1, 2].map(() => client.attach<number>(id).pipe(chain(client.tasks.increment), chain(client.tasks.double))),
          ),
        [12, 12],
      ],
    ] satisfies [string, (client: Client, id: number) => PromiseLike<unknown>, unknown][])(
      'an attached future %s before Redis has confirmed it',
      async (_what, use, expected) => {
        await atGate(async (client, id, gate) => {
          const future = use(client, id);
          gate.open();
          expect(await future).toEqual(expected);
        });
      },
    );

    it('a cancel of the chained task also cancels the attached future', async () => {
      await atGate(async (client, id, gate) => {
        const attached = client.attach<number>(id);
        const chained = attached.pipe(chain(client.tasks.increment));
        chained.cancel('enough');
        expect([attached.state, chained.state]).toEqual(['cancelled', 'cancelled']);
        gate.open();
      });
    });

    it('an unknown id rejects the chained task', async () => {
      await using client = openClient(anyAddress());
      const chained = client.attach<number>(4_711).pipe(chain(client.tasks.increment), chain(client.tasks.double));
      const { reason } = (await chained.settled()) as { reason: Error };
      expect(reason).toBeInstanceOf(RangeError);
    });
  });

  it('an attached future rejects with the name of a lost server, as the submitter would see it', async () => {
    const address = anyAddress();
    await using doomed = await startServer(address, { name: 'doomed' });
    using gate = new FileGate();
    const ids = await submitAndDie(address, { what: 'pipe', cells: gate.cells }, () => gate.arrivals());
    await using client = openClient(address);
    const attached = client.attach(ids.at(-1)!);
    await using _other = await startServer(address, { name: 'other' });
    doomed.kill('SIGKILL');
    expect(await attached.settled()).toMatchObject({ status: 'rejected', reason: { workerName: 'doomed' } });
  });
});

describeWithRedis('Two clients on one queue', () => {
  it('two clients on one queue receive all of their own results', async () => {
    const redisServer = await startRedis();
    try {
      const address = { connection: redisServer.url, queue: anyQueue() };
      await using _server = await startServer(address, { concurrency: 4 });
      await using one = startClient(address, { what: 'sums', from: 0, count: 500 });
      await using two = startClient(address, { what: 'sums', from: 10_000, count: 500 });
      const expected = (from: number) => ({ sums: Array.from({ length: 500 }, (_, i) => from + i) });
      expect(await Promise.all([one.says(0), two.says(0)])).toEqual([expected(0), expected(10_000)]);
    } finally {
      await redisServer.stop();
    }
  });
});

/** Lets a client submit, kills the client, and returns the ids of its futures. */
async function submitAndDie(address: QueueAddress, orders: object, started?: () => Promise<void>): Promise<number[]> {
  const client: Program = startClient(address, orders);
  try {
    const { ids } = await client.says(0);
    // Without a server that starts the task, the job in the queue shows that it was sent.
    await (started?.() ?? until(() => isQueued(address)));
    return ids;
  } finally {
    await client[Symbol.asyncDispose]();
  }
}
