/** Jobs of a queue in the API of bull-board. */
import { expect, it } from 'vitest';
import { until } from '../support/until.js';
import { fillQueue, openBoard } from './support/board.js';
import { describeQueue } from './support/describe-queue.js';

describeQueue('bull-board', (anyAddress) => {
  it('bull-board shows the states, arguments, results, progress, errors and logs of all jobs', async () => {
    const address = anyAddress();
    await using board = openBoard(address);
    await using filled = await fillQueue(address);
    const inState = async (status: string) => {
      const { queues } = await board.read(`/api/queues?activeQueue=${address.queue}&status=${status}&jobsPerPage=20`);
      return queues[0];
    };
    const tree = (args: unknown) => ({ args, nodes: [{ name: 'fetchPage', steps: ['fetchPage'] }] });
    const page = (name: string, depth: number) => tree([{ url: `https://example.org/${name}`, depth }]);

    const waiting = await inState('waiting');
    expect(waiting.counts).toMatchObject({ prioritized: 1, active: 1, completed: 2, failed: 2 });
    expect(waiting.counts.waiting).toBe(waiting.jobs.length);
    // Three of them may share a job, which then is named "3 × fetchPage".
    for (const { name } of waiting.jobs) expect(name).toMatch(/^(\d × )?fetchPage$/);
    const trees = waiting.jobs.flatMap(({ data }: { data: { trees: object[] } }) => data.trees);
    expect(trees).toHaveLength(4);
    for (const each of [page('milk', 2), page('juice', 1), page('cocoa', 1), page('soup', 1)])
      expect(trees).toContainEqual(expect.objectContaining({ args: each.args }));

    const [low] = (await inState('prioritized')).jobs;
    expect(low).toMatchObject({ name: 'fetchPage', data: { version: 2, trees: [page('archive', 9)] } });

    // A server writes the progress of a job every 500 ms.
    await until(async () => (await inState('active')).jobs[0].progress !== 0);
    const [active] = (await inState('active')).jobs;
    expect(active).toMatchObject({ name: 'indexPages', processedBy: 'machine-1', progress: { done: 1, of: 3 } });

    const completed = (await inState('completed')).jobs;
    const results = completed.map(({ returnValue }: { returnValue: unknown }) => returnValue);
    expect(results).toEqual(
      expect.arrayContaining([
        { title: 'tea', links: 6 },
        { title: 'coffee', links: 9 },
      ]),
    );

    const failed = (await inState('failed')).jobs;
    const error = failed.find(({ failedReason }: { failedReason: string }) => failedReason.startsWith('RangeError'));
    expect(error.failedReason).toBe('RangeError: There is no page at https://example.org/missing');
    expect(error.stacktrace[0]).toContain('pages.js');
    expect(error.attempts).toBe(1);
    const logs: string[] = await board.read(`/api/queues/${address.queue}/${error.id}/logs`);
    expect(logs.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual([
      'server "machine-1" has received the job',
      'fetchPage failed and runs again: RangeError: There is no page at https://example.org/missing',
      expect.stringMatching(/^fetchPage failed after \d+ ms: RangeError: There is no page/),
    ]);
    const cancelled = failed.find(({ id }: { id: string }) => id !== error.id);
    expect(cancelled).toMatchObject({
      failedReason: 'CancelledError: the user has left',
      stacktrace: [],
      attempts: 0,
      data: { trees: [page('beer', 2)] },
    });

    filled.running.cancel('enough');
    await until(async () => (await inState('failed')).counts.failed === 3);
    const { job } = await board.read(`/api/queues/${address.queue}/${active.id}`);
    expect(job.failedReason).toBe('CancelledError: enough');
  });
});
