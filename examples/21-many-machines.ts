/**
 * This example runs the same program on many machines, and loses one of them.
 *
 * Python's concurrent.futures: an executor ends with its process. If a worker process is killed,
 * all futures of the pool fail with BrokenProcessPool. To use other machines, you need another
 * library, which has other futures.
 *
 * Here another `backend` puts the tasks on a BullMQ queue in Redis. Tasks, chains and futures stay
 * the same. If a server is lost, the steps that it was running run again on another one, if
 * `rerunLost` allows it. Finished steps don't run again.
 *
 * The machines of this example are processes. The example needs Redis: the one at REDIS_URL, or an
 * installed redis-server.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { all, chain, Executor } from 'rx-futures';
import { bullmqBackend } from 'rx-futures/bullmq';
import { findRedis } from './21-many-machines.redis.js';

using redis = await findRedis();
if (redis === undefined) {
  console.log('redis-server is not installed. Install it, or set REDIS_URL=redis://…');
  process.exit();
}

const queue = `pages-${randomUUID()}`;
const startServer = async (name: string): Promise<ChildProcess> => {
  const server = fork(new URL('./21-many-machines.machine.ts', import.meta.url), [name, redis.url, queue]);
  await once(server, 'message');
  return server;
};
const [north, south] = await Promise.all([startServer('north'), startServer('south')]);
console.log('two servers run tasks of the queue, each on one thread');

const executor = new Executor<typeof import('./21-many-machines.tasks.js')>({
  backend: bullmqBackend({ connection: redis.url, queue, keepResults: 60_000 }),
});
const { fetchPage, parse } = executor.tasks;

/** Names of the workers that ran the steps, such as `north-1`. */
const fetched: string[] = [];
const parsed: string[] = [];

// The first two pages take long to parse, so each server has one of them.
const pages = ['Tea', 'Milk', 'Honey', 'Lemon', 'Sugar', 'Cream'].map((title, i) => {
  const html = fetchPage(`data:text/html,<h1>${title}</h1>${i < 2 ? 'long' : ''}`);
  html.progress.subscribe((worker) => fetched.push(String(worker)));
  const page = html.pipe(chain(parse));
  page.progress.subscribe((worker) => {
    parsed.push(String(worker));
    if (worker === 'north-1') north.kill('SIGKILL');
  });
  return page;
});
console.log('north, killed while it parses a page:', (await once(north, 'exit')).at(-1));

const titles = await all(pages);
console.log(titles.length, 'pages:', titles.join(', '));
console.log('fetched', fetched.length, 'times: finished steps did not run again');
console.log('parsed', parsed.length, 'times:', parsed.filter((worker) => worker === 'south-1').length, 'by south');

await executor.shutdown();
south.disconnect(); // south finishes its tasks and exits
await once(south, 'exit');

// Output:
// two servers run tasks of the queue, each on one thread
// north, killed while it parses a page: SIGKILL
// 6 pages: Tea, Milk, Honey, Lemon, Sugar, Cream
// fetched 6 times: finished steps did not run again
// parsed 7 times: 6 by south
