/** bull-board for the queue of a test, and jobs in all states for it. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { Queue } from 'bullmq';
import { Executor } from 'rx-futures';
import { bullmqBackend, serveTasks } from '../../../src/bullmq.js';
import { FileGate } from '../../support/file-gate.js';
import { until } from '../../support/until.js';
import type { QueueAddress } from './servers.js';

type Pages = typeof import('../fixtures/pages.js');

/** Opens bull-board. `app` answers requests; `read` returns an answer of its API. */
export function openBoard({ connection, queue }: QueueAddress) {
  const jobs = new Queue(queue, { connection: { url: connection } });
  const adapter = new HonoAdapter(serveStatic);
  createBullBoard({ queues: [new BullMQAdapter(jobs, { readOnlyMode: true })], serverAdapter: adapter });
  const app = adapter.registerPlugin();
  return {
    app,
    jobs,
    async read(path: string): Promise<any> {
      const response = await app.request(path);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    [Symbol.asyncDispose]: () => jobs.close(),
  };
}

/**
 * Starts a server with one thread, and fills the queue: one job runs, three have ended, one was
 * cancelled, and the others wait.
 */
export async function fillQueue(address: QueueAddress) {
  const jobs = new Queue(address.queue, { connection: { url: address.connection } });
  const has = (state: 'failed' | 'prioritized', count: number) =>
    until(async () => (await jobs.getJobCounts(state))[state] === count);
  // Quick tasks share a job, and a busy machine may not find them quick.
  const waits = (count: number) =>
    until(async () => (await jobs.getWaiting()).flatMap(({ data }) => data.trees).length === count);
  const server = await serveTasks({
    ...address,
    tasks: new URL('../fixtures/pages.js', import.meta.url),
    maxWorkers: 1,
    name: 'machine-1',
    report: { results: true, progress: true, logs: true },
  });
  const executor = new Executor<Pages>({ backend: bullmqBackend(address) });
  const { fetchPage, indexPages } = executor.tasks;
  const gate = new FileGate();
  const page = (name: string, depth = 2) => ({ url: `https://example.org/${name}`, depth });

  await fetchPage(page('tea'));
  await fetchPage(page('coffee', 3));
  await fetchPage.with({ retry: 1 })(page('missing')).settled();
  await has('failed', 1);
  const running = indexPages(gate.cells, ['/tea', '/coffee', '/water']);
  await gate.arrivals();
  const waiting = [fetchPage(page('milk'))];
  await waits(1);
  waiting.push(...['juice', 'cocoa', 'soup'].map((name) => fetchPage(page(name, 1))));
  await waits(4);
  waiting.push(fetchPage.with({ priority: -1 })(page('archive', 9)));
  await has('prioritized', 1);
  const cancelled = fetchPage(page('beer'));
  await waits(5);
  cancelled.cancel('the user has left');
  await has('failed', 2);
  return {
    running,
    async [Symbol.asyncDispose]() {
      gate.open();
      await running.settled();
      await Promise.all(waiting);
      await executor.shutdown();
      await server.close();
      await jobs.close();
      gate[Symbol.dispose]();
    },
  };
}
