// @ts-check
/**
 * Opens queues for this library and for plain BullMQ. Both have one process each for the client,
 * the server and Redis.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const QUEUE = 'bench';

/**
 * Returns the row if redis-server is installed. Otherwise returns a row without contenders whose
 * title says so.
 *
 * @param {import('../harness/row.js').Row} row
 * @returns {import('../harness/row.js').Row}
 */
export function overRedis(row) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, 'redis-server')))) return row;
  return { ...row, title: `${row.title} (left out: redis-server is not installed)`, contenders: {}, bounds: [] };
}

/**
 * Starts a Redis and a server. Both exit with this process.
 *
 * @param {'ours' | 'inline' | 'threads'} kind
 * @param {number} [concurrency] concurrency of BullMQ's worker
 */
async function openQueue(kind, concurrency = 1) {
  const [port] = await started('redis');
  await started('machine', kind, String(port), String(concurrency));
  return { host: '127.0.0.1', port: Number(port) };
}

/**
 * Starts a helper in work/ and resolves with its first message.
 *
 * @param {string} name
 * @param {...string} args
 */
async function started(name, ...args) {
  const child = fork(new URL(`../work/bullmq-${name}.mjs`, import.meta.url), args, {
    // Worker threads refuse --expose-gc, so the helper must not inherit it.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`bullmq-${name} ended with ${code}`);
  });
  ended.catch(() => {});
  return Promise.race([once(child, 'message'), ended]);
}

/** Starts Redis and a server, and returns a function that creates executors for their queue. */
export async function openOurs() {
  const connection = await openQueue('ours');
  const { Executor } = await import('rx-futures');
  const { bullmqBackend } = await import('rx-futures/bullmq');
  /** @returns {import('rx-futures').Executor<typeof import('../work/tasks.mjs')>} */
  return () => new Executor({ backend: bullmqBackend({ connection, queue: QUEUE }) });
}

/**
 * Opens plain BullMQ in its best setting.
 *
 * The settings were compared on 2,000 no-ops at once (2 cores, Redis 7.0, Node 20, 2026-11, on a
 * machine that was not quiet). They had 1, 10, 20, 50, 100 and 300 jobs at a time, jobs kept
 * without limit, by count or by age, and pipelines. The burst took 600 ms with 1 job at a time, 360
 * with 10, 220 with 20, and 210 with 50 or more. The other settings make no difference.
 * `removeOnComplete: true` fails, because `waitUntilFinished` counts a removed job as lost. For one
 * job after another, no setting matters.
 *
 * @param {'inline' | 'threads'} [processor] runs jobs on the thread of the worker, or on threads
 * like ours
 */
export async function openPlain(processor = 'inline') {
  const connection = await openQueue(processor, processor === 'inline' ? 100 : 10);
  const { FlowProducer, Queue, QueueEvents } = await import('bullmq');
  const queue = new Queue(QUEUE, { connection });
  // Read from the first event on. QueueEvents is ready before it listens, and would miss a job that
  // finishes between the two.
  const events = new QueueEvents(QUEUE, { connection, lastEventId: '0' });
  const flows = new FlowProducer({ connection });
  // Each call of `waitUntilFinished` adds a listener.
  for (const emitter of [queue, events, flows]) emitter.setMaxListeners(0);
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), flows.waitUntilReady()]);
  return { queue, events, flows };
}
