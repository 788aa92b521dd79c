/**
 * This example prints results as soon as they arrive, while tasks are still being submitted.
 *
 * Python's concurrent.futures: `as_completed(futures)` reads all futures before it yields the
 * first. With a million tasks, the program prints nothing until the last one is submitted.
 *
 * Here `asCompleted` also accepts a generator that submits tasks. With `concurrency`, it reads the
 * next future when there is room for it. Each future is a key of a Map, which finds its page.
 * Callbacks print the same lines, equally early.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asCompleted, Deferred, Executor, type Future, type Outcome, wait } from 'rx-futures';

// A small web server. /slow responds after `slowPage` resolves, and /missing does not exist.
const slowPage = new Deferred<string>();
const server = createServer((request, response) => {
  if (request.url === '/slow') slowPage.future.subscribe((text) => response.end(text));
  else if (request.url === '/missing') response.writeHead(404).end();
  else response.end(`this is ${request.url}`);
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const pages = ['/slow', '/a', '/missing', '/b'];

await using executor = new Executor<typeof import('./06-as-completed.tasks.js')>({
  tasks: new URL('./06-as-completed.tasks.js', import.meta.url),
  maxWorkers: 1,
  concurrency: 4,
});
const { loadUrl } = executor.tasks;

const printed: string[] = [];
const pageOf = new Map<Future<string>, string>();

function* submitAll(): Generator<Future<string>> {
  for (const page of pages) {
    console.log('submit', page);
    const future = loadUrl(origin + page, 60_000);
    pageOf.set(future, page);
    yield future;
  }
  slowPage.resolve('worth the wait'); // runs when /b has settled and there is room for one more
}

for await (const outcome of asCompleted(submitAll(), { concurrency: 2 })) {
  const line = describe(pageOf.get(outcome.future)!, outcome);
  console.log(line);
  printed.push(line);
}

// The same with callbacks. Each has its page in a closure, so no Map is needed.
const reported: string[] = [];
const futures = pages.map((page) => {
  const future = loadUrl(origin + page, 60_000);
  future.addDoneCallback((outcome) => reported.push(describe(page, outcome)));
  return future;
});
await wait(futures);
console.log('callbacks report the same:', reported.sort().join() === printed.sort().join());

server.close();

function describe(page: string, outcome: Outcome<string>): string {
  return outcome.status === 'fulfilled'
    ? `${page}: ${outcome.value.length} characters`
    : `${page}: ${String(outcome.reason)}`;
}

// Output:
// submit /slow
// submit /a
// submit /missing
// /a: 10 characters
// submit /b
// /missing: Error: HTTP 404
// /b: 10 characters
// /slow: 14 characters
// callbacks report the same: true
