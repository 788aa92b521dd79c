/** Chains whose server is killed or stopped in the middle, as real processes. */
import { Redis } from 'ioredis';
import { chain, type Future } from 'rx-futures';
import { expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { until } from '../support/until.js';
import { describeQueue } from './support/describe-queue.js';
import { openClient, type QueueAddress, startServer } from './support/servers.js';

const died = expect.objectContaining({ name: 'WorkerDiedError', code: 'ERR_WORKER_DIED', workerName: 'doomed' });

describeQueue('A lost server of a chain', (anyAddress) => {
  it.each(['one after another', 'in one pipe call'] as const)(
    'a server that is killed in a chain, %s, rejects the running step, and later steps never run',
    async (way) => {
      const address = anyAddress();
      using gate = new FileGate();
      await using client = openClient(address);
      await using doomed = await startServer(address, { name: 'doomed' });
      const { head, last } = submitChain(client, gate, way);
      await gate.arrivals();
      await using _other = await startServer(address, { name: 'other' });
      doomed.kill('SIGKILL');
      expect(await last.settled()).toMatchObject({ status: 'rejected', reason: died });
      expect(await head).toEqual({ cells: gate.cells, trail: ['first'] });
      expect(gate.notes).toEqual([1, 2]);
    },
  );

  it.each(['one after another', 'in one pipe call'] as const)(
    'a chain, %s, of a killed server runs again without its finished steps with rerunLost',
    async (way) => {
      const address = anyAddress();
      using gate = new FileGate();
      await using client = openClient(address);
      await using doomed = await startServer(address, { name: 'doomed', rerunLost: 1 });
      const { head, last } = submitChain(client, gate, way);
      await gate.arrivals();
      await head;
      await using _other = await startServer(address, { name: 'other', rerunLost: 1 });
      doomed.kill('SIGKILL');
      await gate.arrivals(2);
      gate.open();
      expect(await last).toBe('first second third');
      expect(gate.notes).toEqual([1, 2, 2, 3]);
    },
  );

  it('a chain of one pipe call that is lost in a later step runs again from that step with rerunLost', async () => {
    const address = anyAddress();
    using gate = new FileGate();
    await using client = openClient(address);
    await using doomed = await startServer(address, { name: 'doomed', rerunLost: 1 });
    const { tasks } = client;
    const last = tasks
      .first(gate.cells)
      .pipe(chain(tasks.mark), chain(tasks.mark), chain(tasks.second), chain(tasks.third));
    await gate.arrivals();
    // The note arrives within a round trip to Redis.
    await until(() => isNoted(address, 2));
    await using _other = await startServer(address, { name: 'other', rerunLost: 1 });
    doomed.kill('SIGKILL');
    await gate.arrivals(2);
    gate.open();
    expect(await last).toBe('first second third');
    expect(gate.notes).toEqual([1, 4, 4, 2, 2, 3]);
  });

  it.each(['one after another', 'in one pipe call'] as const)(
    'a server that was stopped for longer than lostAfter in a chain, %s, starts no further step',
    async (way) => {
      const address = anyAddress();
      using gate = new FileGate();
      await using client = openClient(address);
      await using doomed = await startServer(address, { name: 'doomed', rerunLost: 1 });
      const { head, last } = submitChain(client, gate, way);
      await gate.arrivals();
      await head;
      await using _other = await startServer(address, { name: 'other', rerunLost: 1 });
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

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'a client detects the loss of the only server, by %s, for all futures and for attached clients',
    async (signal) => {
      const address = anyAddress();
      await using client = openClient(address);
      await using other = openClient(address);
      await using doomed = await startServer(address, { name: 'doomed' });
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
      await using _later = await startServer(address, { name: 'later' });
      expect(await client.tasks.add(1, 1)).toBe(2);
      expect(gate.notes).toEqual([1, 2]);
    },
  );
});

/** Returns true if a server has noted that this many steps of one future have finished. */
async function isNoted({ connection, queue }: QueueAddress, steps: number): Promise<boolean> {
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
