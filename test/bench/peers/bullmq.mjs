// @ts-check
/**
 * A job on a queue, ours and BullMQ's own way: client, worker machine and Redis in a process each, for both.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const QUEUE = 'bench';

/**
 * A row as it is where there is a redis-server, and one that says so and measures nobody where there is none.
 *
 * @param {import('../harness/row.js').Row} row
 * @returns {import('../harness/row.js').Row}
 */
export function overRedis(row) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, 'redis-server')))) return row;
  return { ...row, title: `${row.title} (left out: there is no redis-server here)`, contenders: {}, bounds: [] };
}

/**
 * A Redis and a worker machine; both end with this process.
 *
 * @param {'ours' | 'inline' | 'threads'} kind
 * @param {number} [concurrency] of BullMQ's worker
 */
async function openQueue(kind, concurrency = 1) {
  const [port] = await started('redis');
  await started('machine', kind, String(port), String(concurrency));
  return { host: '127.0.0.1', port: Number(port) };
}

/**
 * Resolves with the first word of a helper in work/.
 *
 * @param {string} name
 * @param {...string} args
 */
async function started(name, ...args) {
  const child = fork(new URL(`../work/bullmq-${name}.mjs`, import.meta.url), args, {
    // Not --expose-gc, which threads refuse.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`bullmq-${name} ended with ${code}`);
  });
  ended.catch(() => {});
  return Promise.race([once(child, 'message'), ended]);
}

/** What makes an executor for the queue, new ones too. */
export async function openOurs() {
  const connection = await openQueue('ours');
  const { Executor } = await import('rx-futures');
  const { bullmqBackend } = await import('rx-futures/bullmq');
  /** @returns {import('rx-futures').Executor<typeof import('../work/tasks.mjs')>} */
  return () => new Executor({ backend: bullmqBackend({ connection, queue: QUEUE }) });
}

/**
 * BullMQ by itself. Its best setting was found by trying 1, 10, 20, 50, 100 and 300 jobs at a time, with the jobs kept, kept by count or by age, and
 * with pipelines, on 2,000 no-ops at once (2 cores, Redis 7.0, Node 20, 2026-11; on a machine that was not quiet): 600 ms with 1, 360 with 10,
 * 220 with 20, 210 with 50 or more; the rest makes no difference. (With `removeOnComplete: true` it fails: a job that is gone before it is waited
 * for counts as lost.) One after another, none of it matters.
 *
 * @param {'inline' | 'threads'} [processor] where a job runs: in the worker's own thread, or in threads of its own, as ours do
 */
export async function openPlain(processor = 'inline') {
  const connection = await openQueue(processor, processor === 'inline' ? 100 : 10);
  const { FlowProducer, Queue, QueueEvents } = await import('bullmq');
  const queue = new Queue(QUEUE, { connection });
  // From the first event on: it may be ready before it listens, and the end of a job between the two is never told again.
  const events = new QueueEvents(QUEUE, { connection, lastEventId: '0' });
  const flows = new FlowProducer({ connection });
  // Each job that is waited for is a listener.
  for (const emitter of [queue, events, flows]) emitter.setMaxListeners(0);
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), flows.waitUntilReady()]);
  return { queue, events, flows };
}
