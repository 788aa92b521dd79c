// @ts-check
/**
 * A worker machine, as a process: ours, or one of BullMQ's own. Says when it is ready, and ends with who has started it.
 *
 *     node bullmq-machine.mjs ours|inline|threads <port of Redis> <jobs at a time>
 */
import run from './bullmq-processor.mjs';

const [kind, port, concurrency] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(port) };

process.on('disconnect', () => process.exit());
await start();
process.send?.('ready');

async function start() {
  if (kind === 'ours') {
    const { serveTasks } = await import('rx-futures/bullmq');
    const tasks = new URL('./tasks.mjs', import.meta.url);
    // With its defaults; only that its workers stay, as everybody's do here.
    await serveTasks({ connection, queue: 'bench', tasks, minWorkers: 2, maxWorkers: 2 });
    return;
  }
  const { Worker } = await import('bullmq');
  const processor = kind === 'threads' ? new URL('./bullmq-processor.mjs', import.meta.url) : run;
  const worker = new Worker('bench', processor, {
    connection,
    concurrency: Number(concurrency),
    useWorkerThreads: true,
  });
  await worker.waitUntilReady();
}
