/**
 * The same program on many machines, one of which is lost on the way.
 *
 * Python's concurrent.futures: its executors end with their process, and where a worker process is killed, all futures of
 * the pool fail: BrokenProcessPool. For other machines there are other libraries, with other futures. Here another
 * `backend` puts the tasks on a BullMQ queue in Redis; the handles, the chains and the futures stay what they are. What
 * a lost machine had begun is run again elsewhere where its owner says so (`rerunLost`), and no step that had ended.
 *
 * The machines are processes here. It needs Redis: that of REDIS_URL, or a redis-server to start.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { all, chain, Executor } from 'rx-futures';
import { bullmqBackend } from 'rx-futures/bullmq';
import { findRedis } from './21-many-machines.redis.js';

using redis = await findRedis();
if (redis === undefined) {
  console.log('There is no redis-server here. Install one, or say where Redis is: REDIS_URL=redis://…');
  process.exit();
}

const queue = `pages-${randomUUID()}`;
const startMachine = async (name: string): Promise<ChildProcess> => {
  const machine = fork(new URL('./21-many-machines.machine.ts', import.meta.url), [name, redis.url, queue]);
  await once(machine, 'message');
  return machine;
};
const [north, south] = await Promise.all([startMachine('north'), startMachine('south')]);
console.log('two machines serve the queue, each with one thread');

const executor = new Executor<typeof import('./21-many-machines.tasks.js')>({
  backend: bullmqBackend({ connection: redis.url, queue, keepResults: 60_000 }),
});
const { fetchPage, parse } = executor.tasks;

/** What the steps have told, such as `north-1`. */
const fetched: string[] = [];
const parsed: string[] = [];

// The first two take long, so each machine has one of them.
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
console.log('fetched', fetched.length, 'times: no step that had ended was run again');
console.log('parsed', parsed.length, 'times:', parsed.filter((worker) => worker === 'south-1').length, 'by south');

await executor.shutdown();
south.disconnect(); // it finishes what it has, and ends
await once(south, 'exit');

// Output:
// two machines serve the queue, each with one thread
// north, killed while it parses a page: SIGKILL
// 6 pages: Tea, Milk, Honey, Lemon, Sugar, Cream
// fetched 6 times: no step that had ended was run again
// parsed 7 times: 6 by south
