/**
 * Compares the server with the same server on piscina and on tinypool:
 *
 *     npm run load [-- <seconds per run> <rounds>]
 *
 * Each server is a process of its own. autocannon keeps 32 connections busy from this process. Each
 * round starts with another server. A figure is the median of the rounds.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { pools } from './peers.js';

const [seconds = 3, rounds = 3] = process.argv.slice(2).map(Number);
const text = await readFile(new URL('../../../docs/concepts.md', import.meta.url), 'utf8');
const json = { 'content-type': 'application/json' };

const routes = {
  '/sign': { method: 'POST', headers: json, body: JSON.stringify({ text: 'a text of a usual length, to be signed' }) },
  '/render': { method: 'POST', headers: { 'content-type': 'text/markdown' }, body: text },
  '/png': { method: 'GET' },
};

const names = Object.keys(pools);
/** Results by route and pool. */
const results = Object.fromEntries(
  Object.keys(routes).map((route) => [route, Object.fromEntries(names.map((name) => [name, []]))]),
);

for (let round = 0; round < rounds; round++) {
  for (let index = 0; index < names.length; index++) {
    const name = names[(index + round) % names.length];
    await measure(name);
  }
}
print();

async function measure(name) {
  const server = fork(fileURLToPath(new URL('serve.js', import.meta.url)), [name]);
  const [address] = await once(server, 'message');
  for (const [route, request] of Object.entries(routes)) {
    const load = { url: address + route, connections: 32, ...request };
    await autocannon({ ...load, duration: 1 });
    const { requests, latency, non2xx, errors } = await autocannon({ ...load, duration: seconds });
    if (non2xx + errors > 0) throw new Error(`${name} failed ${non2xx + errors} requests of ${route}`);
    results[route][name].push({ rate: requests.total / seconds, p99: latency.p99 });
  }
  server.disconnect();
  await once(server, 'exit');
}

function print() {
  console.log(`Node ${process.versions.node}, ${availableParallelism()} processors, 2 workers, 32 connections, `);
  console.log(`${rounds} rounds of ${seconds} s; medians\n`);
  console.log('| route | pool | requests/s | p99 |\n| --- | --- | --- | --- |');
  for (const [route, byPool] of Object.entries(results)) {
    const ours = median(byPool[names[0]].map(({ rate }) => rate));
    for (const [name, runs] of Object.entries(byPool)) {
      const rate = median(runs.map((run) => run.rate));
      const ratio = name === names[0] ? '' : ` (${(rate / ours).toFixed(2)} ×)`;
      console.log(
        `| ${route} | ${name} | ${Math.round(rate).toLocaleString('en')}${ratio} | ${median(runs.map((run) => run.p99))} ms |`,
      );
    }
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
