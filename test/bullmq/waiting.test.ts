/** Tasks that wait in Redis: their state in BullMQ, their order, and their cancel. */
import { Queue } from 'bullmq';
import { expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { until } from '../support/until.js';
import { describeQueue } from './support/describe-queue.js';
import { openClient, type QueueAddress, serveHere } from './support/servers.js';

async function openQueue({ connection, queue }: QueueAddress) {
  const bull = new Queue(queue, { connection: { url: connection } });
  const counts = () => bull.getJobCounts('waiting', 'prioritized', 'failed');
  return Object.assign(bull, {
    /** Resolves when so many jobs are in these states. */
    hasCounts: (waiting: number, prioritized: number, failed = 0) =>
      until(async () => {
        const found = await counts();
        return found['waiting'] === waiting && found['prioritized'] === prioritized && found['failed'] === failed;
      }),
    [Symbol.asyncDispose]: () => bull.close(),
  });
}

describeQueue('Waiting tasks', (anyAddress) => {
  it('a task without a priority is a waiting job of BullMQ, and its arguments are readable', async () => {
    const address = anyAddress();
    await using queue = await openQueue(address);
    await using client = openClient(address);
    client.tasks.echo({ url: 'data:,', depth: [1, { two: null }] });
    client.tasks.add.with({ priority: -1 })(1, 2);
    await queue.hasCounts(1, 1);
    const [job] = await queue.getWaiting();
    expect(job!.name).toBe('echo');
    expect(job!.data.trees[0].args).toEqual([{ url: 'data:,', depth: [1, { two: null }] }]);
    await client.terminate();
  });

  it('a task with a positive priority starts before tasks that wait, also before those of other clients', async () => {
    const address = anyAddress();
    await using queue = await openQueue(address);
    await using one = openClient(address);
    await using two = openClient(address);
    using gate = new FileGate();
    const futures = [one.tasks.note.with({ priority: -1 })(gate.cells, 7)];
    for (const mark of [1, 2, 3]) futures.push(one.tasks.note(gate.cells, mark));
    await queue.hasCounts(3, 1);
    futures.push(two.tasks.note.with({ priority: 5 })(gate.cells, 9));
    await queue.hasCounts(0, 5);
    // The first client does not know yet that the queue is ranked.
    futures.push(one.tasks.note(gate.cells, 4));
    await queue.hasCounts(0, 6);
    futures.push(one.tasks.note(gate.cells, 5), two.tasks.note(gate.cells, 6));
    await queue.hasCounts(0, 8);
    await using _server = await serveHere(address);
    await Promise.all(futures);
    expect(gate.notes.slice(0, 5)).toEqual([9, 1, 2, 3, 4]);
    expect(gate.notes[7]).toBe(7);
  });

  it('a client that connects to a ranked queue adds its tasks behind those that wait', async () => {
    const address = anyAddress();
    await using queue = await openQueue(address);
    await using one = openClient(address);
    one.tasks.add.with({ priority: 5 })(1, 1);
    await queue.hasCounts(0, 1);
    await using two = openClient(address);
    two.tasks.add(1, 1);
    await queue.hasCounts(0, 2);
    const ids = (await queue.getPrioritized()).map(({ priority }) => priority);
    expect(ids[0]).toBeLessThan(ids[1]!);
    await Promise.all([one.terminate(), two.terminate()]);
  });

  it('a cancelled task that waits is a failed job with the reason, and other clients see the cancel', async () => {
    const address = anyAddress();
    await using queue = await openQueue(address);
    await using client = openClient(address);
    await using other = openClient(address);
    const plain = client.tasks.add(1, 2);
    const low = client.tasks.echo.with({ priority: -1 })('x'.repeat(70_000));
    await queue.hasCounts(1, 1);
    plain.cancel('the user has left');
    low.cancel();
    await queue.hasCounts(0, 0, 2);
    const failed = new Map((await queue.getFailed()).map((job) => [job.name, job]));
    expect(failed.get('add')).toMatchObject({ failedReason: 'CancelledError: the user has left', attemptsMade: 0 });
    expect(failed.get('add')!.data.trees[0].args).toEqual([1, 2]);
    expect(failed.get('add')!.finishedOn).toBeGreaterThan(0);
    expect(failed.get('echo')!.failedReason).toMatch(/^CancelledError: /);
    expect(failed.get('echo')!.data).toEqual({ removed: expect.stringMatching(/had \d+ bytes/) });
    expect(await other.attach(plain.id).settled()).toMatchObject({ status: 'cancelled' });
  });

  it('many cancelled tasks leave the others in their order', async () => {
    const address = anyAddress();
    await using queue = await openQueue(address);
    await using client = openClient(address);
    using gate = new FileGate();
    const futures = Array.from({ length: 60 }, (_, i) => client.tasks.note(gate.cells, i));
    await queue.hasCounts(60, 0);
    for (const [i, future] of futures.entries()) if (i % 6 !== 0) future.cancel();
    await queue.hasCounts(10, 0, 50);
    await using _server = await serveHere(address);
    await Promise.allSettled(futures);
    expect(gate.notes).toEqual([0, 6, 12, 18, 24, 30, 36, 42, 48, 54]);
  });
});
