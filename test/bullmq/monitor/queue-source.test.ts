/** A queue as a source of a dashboard, with a real Redis and a server in this process. */
import { chain, type Executor } from 'rx-futures';
import { expect, it } from 'vitest';
import { QueueSource } from '../../../src/bullmq/monitor/queue-source.js';
import type { FunctionRow } from '../../../src/dashboard/frames.js';
import { FileGate } from '../../support/file-gate.js';
import { until } from '../../support/until.js';
import { describeQueue } from '../support/describe-queue.js';
import { openClient, serveHere } from '../support/servers.js';

describeQueue('a queue as a source', (anyAddress) => {
  it('a frame has the counts, the servers, the running jobs and the ended tasks of the queue', async () => {
    const address = anyAddress();
    const server = await serveHere(address, { name: 'machine' });
    await using client = openClient(address);
    using gate = new FileGate();
    const source = await QueueSource.connect({ ...address, prefix: 'bull', connectTimeout: 10_000 });
    try {
      source.open();
      const held = client.tasks.linger(gate.cells, 4);
      await gate.arrivals();
      await until(() => source.frame(false).running.length === 1);
      expect(source.frame(true)).toMatchObject({
        state: 'open',
        counts: { running: 1, queued: 0 },
        workers: [{ name: 'machine', state: 'busy', inFlight: 1 }],
        running: [{ id: held.id, name: 'linger', worker: 'machine' }],
        refusals: { cancel: expect.stringContaining('from outside') },
      });
      gate.open();
      await held;
      await client.tasks.add(1, 2).pipe(chain(client.tasks.double));
      await (client as Executor<any>).submit('nothing').settled();
      const rows = (): readonly FunctionRow[] => source.frame(true).tables!.functions;
      await until(() => rows().length === 4);
      expect(rows()).toMatchObject([
        { name: 'linger', fulfilled: 1 },
        { name: 'add', fulfilled: 1, run: { count: 1 } },
        { name: 'double', fulfilled: 1 },
        { name: 'nothing', rejected: 1 },
      ]);
      expect(source.failures).toMatchObject([{ name: 'nothing', title: expect.stringContaining('TaskNotFoundError') }]);
      expect(source.frame(true).tables!.note).toMatch(/^Read from 3 of the 3 jobs/);
      expect(source.act()).toMatchObject({ ok: false });
    } finally {
      await source.dispose();
      await server.close();
    }
  });
});
