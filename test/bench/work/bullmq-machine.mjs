// @ts-check
/**
 * The process of a server: serveTasks() of this library, or a Worker of BullMQ. It sends "ready" to
 * its parent when it is ready, and exits with its parent.
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
    // The server has its defaults, but two workers that stay alive, like all contenders.
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
