/**
 * Both halves of a queue over a transport in memory. Nothing here knows Redis, so these tests show
 * that a queue needs only another transport.
 */
import { chain, Executor, type Future } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runtimes } from '../../src/backends/node.js';
import { queueBackend } from '../../src/backends/queue/backend.js';
import { resolveOptions } from '../../src/options/resolve.js';
import { REPORT_FULFILLED, REPORT_REJECTED } from '../../src/protocol/messages.js';
import { type JobData, VERSION } from '../../src/protocol/queue/job-data.js';
import type { OutcomeMessage } from '../../src/protocol/queue/messages.js';
import { toText } from '../../src/protocol/queue/value-text.js';
import { type JobLog, Notices } from '../../src/serving/notices.js';
import { Service } from '../../src/serving/service.js';

import { FileGate } from '../support/file-gate.js';
import { MemoryQueue } from '../support/memory-queue.js';
import { fixture } from '../support/open.js';
import { until } from '../support/until.js';

type Module = typeof import('../bullmq/fixtures/tasks.js');

describe('a queue without Redis', () => {
  let queue: MemoryQueue;
  let server: Service;
  let client: Executor<Module>;
  const logged: string[] = [];
  const log: JobLog = new Notices(({ message }) => logged.push(message));

  beforeEach(async () => {
    queue = new MemoryQueue();
    logged.length = 0;
    const engine = resolveOptions(
      {
        tasks: new URL('../bullmq/fixtures/tasks.js', import.meta.url),
        maxWorkers: 1,
        name: 'server',
        onUnobservedError: () => {},
      },
      runtimes,
    );
    server = new Service({ maxPayload: 2 ** 20, lostAfter: 30_000, rerunLost: 0, engine }, queue.server(), log);
    await server.start();
    client = openClient();
  });
  afterEach(async () => {
    await client.terminate();
    await server.terminate();
  });

  function openClient(): Executor<Module> {
    return new Executor<Module>({ backend: queueBackend('memory', queue.client()) });
  }

  it('a server runs the tasks of a client', async () => {
    const futures = Array.from({ length: 100 }, (_, i) => client.tasks.add(i, 1));
    expect(await Promise.all(futures)).toEqual(futures.map((_, i) => i + 1));
    expect([...queue.jobs.values()].every(({ state }) => state === 'ended')).toBe(true);
  });

  it('close() waits for the finalizer of each worker of the server', async () => {
    using gate = new FileGate();
    const options = { maxWorkers: 1, initializer: 'open', initArgs: [gate.cells], finalizer: 'close' };
    const engine = resolveOptions({ ...options, tasks: fixture('finalized.js') }, runtimes);
    const own = new MemoryQueue();
    const service = new Service({ maxPayload: 2 ** 20, lostAfter: 30_000, rerunLost: 0, engine }, own.server(), log);
    await service.start();
    const executor = new Executor<any>({ backend: queueBackend('memory', own.client()) });
    await executor.submit('work');
    await executor.shutdown();
    expect(gate.notes).toEqual([1, 2]);
    await service.close();
    expect(gate.notes).toEqual([1, 2, 3]);
  });

  it('broadcast() and pause() of a client throw, because its workers belong to servers', () => {
    expect(() => client.broadcast('add', 1, 1)).toThrow(/broadcast\(\): executor .* uses a queue/);
    expect(() => client.pause()).toThrow(/pause\(\): executor .* uses a queue/);
  });

  it('a chain is one job', async () => {
    using gate = new FileGate();
    gate.open();
    const last = client.tasks.first(gate.cells).pipe(chain(client.tasks.second), chain(client.tasks.third));
    expect(await last).toBe('first second third');
    expect(queue.jobs.size).toBe(1);
  });

  it('a stream is never more than highWaterMark ahead of its reader', async () => {
    using gate = new FileGate();
    let taken = 0;
    for await (const value of client.tasks.numbers.with({ highWaterMark: 4 }).stream(gate.cells, 20)) {
      expect(value).toBe(++taken);
      expect(gate.runs - taken).toBeLessThanOrEqual(4);
    }
    expect(taken).toBe(20);
  });

  it('the job of a cancelled task that waits ends with the reason, and never runs', async () => {
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells);
    await gate.arrivals();
    const waiting = client.tasks.add(1, 2);
    await until(() => queue.jobs.size === 2);
    waiting.cancel('the user has left');
    const job = [...queue.jobs.values()].at(-1)!;
    await until(() => job.state === 'ended');
    expect([job.claims, job.failure]).toEqual([0, 'CancelledError: the user has left']);
    gate.open();
    await held;
  });

  it('another client attaches to a future, before and after it has settled', async () => {
    using gate = new FileGate();
    await using other = openClient();
    const held = client.tasks.hold(gate.cells, 7);
    await gate.arrivals();
    const attached: Future<unknown> = other.attach(held.id);
    gate.open();
    expect(await attached).toBe(7);
    expect(await other.attach(held.id)).toBe(7);
    expect(await other.attach(1).settled()).toMatchObject({ status: 'rejected', reason: { name: 'RangeError' } });
  });

  it('a job with invalid data is refused and logged', async () => {
    queue.jobs.set('foreign', { id: 'foreign', data: '{}', priority: 0, state: 'waiting', claims: 0 });
    await client.tasks.add(1, 2);
    await until(() => queue.jobs.get('foreign')!.state === 'ended');
    expect(logged).toEqual([expect.stringMatching(/^rejected job "foreign": Invalid job data: client: expected/)]);
  });

  describe('a job of several trees', () => {
    const ids = [101, 102, 103];
    const text = toText(['text']);
    const tooLarge = toText(['x'.repeat(2 ** 20 + 1)]);

    /** Runs a job with one call of `echo` for each text of arguments, and returns the outcomes. */
    async function run(args: readonly string[]): Promise<OutcomeMessage[]> {
      const nodesOf = (id: number) => [{ id, name: 'echo', from: -1, steps: ['echo'], attempt: 1 }];
      const trees = args.map((each, index) => ({ nodes: nodesOf(ids[index]!), args: each }));
      const data = JSON.stringify({ version: VERSION, client: 'tester', keep: 1_000, trees } satisfies JobData);
      queue.jobs.set('shared', { id: 'shared', data, priority: 0, state: 'waiting', claims: 0 });
      await client.tasks.add(1, 2);
      await until(() => queue.jobs.get('shared')!.state === 'ended');
      return queue.server().outcomes(ids);
    }

    it('a tree with too large arguments is refused, and the other trees run', async () => {
      const outcomes = await run([text, tooLarge, text]);
      expect(outcomes.map(({ kind }) => kind)).toEqual([REPORT_FULFILLED, REPORT_REJECTED, REPORT_FULFILLED]);
      expect(logged).toEqual([expect.stringMatching(/^rejected job "shared": The arguments take 1\.[0-9.]+ MiB/)]);
    });

    it('a job with an unreadable tree is refused as a whole, and none of its trees runs', async () => {
      const outcomes = await run([text, tooLarge, '=not JSON']);
      expect(outcomes.map(({ kind }) => kind)).toEqual([REPORT_REJECTED, REPORT_REJECTED, REPORT_REJECTED]);
      expect(logged).toEqual([expect.stringMatching(/^rejected job "shared": Invalid job data: args/)]);
    });
  });

  it('a closed server finishes its jobs first', async () => {
    using gate = new FileGate();
    const held = client.tasks.hold(gate.cells, 7);
    await gate.arrivals();
    const closed = server.close();
    gate.open();
    expect(await held).toBe(7);
    await closed;
    await server.closed;
  });
});
