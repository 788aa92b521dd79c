/** Real requests to the server. Each test opens a server of its own on a free port. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { scryptSync } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { buildApp } from '../src/app.js';
import { openPool } from '../src/pool.js';

/** Windows has no signals: `kill('SIGTERM')` ends a process at once. */
const skip = process.platform === 'win32' && 'Windows has no SIGTERM';

/** An image that takes a worker several seconds. */
const LARGE = '/png?size=6000';

test('/hash returns a hash that scrypt confirms, with a new salt for each request', async (t) => {
  const { post } = await serve(t);
  const hashes = await Promise.all([1, 2].map(async () => (await post('/hash', { password: 'tea' })).text()));
  assert.notEqual(hashes[0], hashes[1]);
  for (const hash of hashes) {
    const [scheme, salt, key] = hash.split('$');
    assert.equal(scheme, 'scrypt');
    assert.equal(scryptSync('tea', Buffer.from(salt, 'base64url'), 32).toString('base64url'), key);
  }
});

test('/render returns the HTML of a Markdown text', async (t) => {
  const { address } = await serve(t);
  const body = await readFile(new URL('../../../docs/concepts.md', import.meta.url), 'utf8');
  const response = await fetch(`${address}/render`, {
    method: 'POST',
    headers: { 'content-type': 'text/markdown' },
    body,
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/html/);
  const html = await response.text();
  assert.match(html, /^<h1>/);
  assert.equal(html.match(/<h2>/g).length, body.match(/^## /gm).length);
});

test('/png returns an image of the requested size', async (t) => {
  const { address } = await serve(t);
  const response = await fetch(`${address}/png?size=100`);
  assert.equal(response.headers.get('content-type'), 'image/png');
  const image = Buffer.from(await response.arrayBuffer());
  assert.equal(image.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([image.readUInt32BE(16), image.readUInt32BE(20)], [100, 100]);
  const rows = inflateSync(image.subarray(41, 41 + image.readUInt32BE(33)));
  assert.equal(rows.length, 101 * 100);
  // The middle of the set is black, and the corner is far from it.
  assert.deepEqual([rows[101 * 50 + 1 + 75], rows[1]], [0, 255]);
});

test('/sign returns the same signature for the same text', async (t) => {
  const { post } = await serve(t);
  const [first, second, other] = await Promise.all(
    ['a', 'a', 'b'].map(async (text) => (await post('/sign', { text })).text()),
  );
  assert.equal(first.length, 43);
  assert.equal(first, second);
  assert.notEqual(first, other);
});

test('a wrong body or query is answered with 400, and starts no task', async (t) => {
  const { address, post, stats } = await serve(t);
  const responses = [
    await post('/sign', {}),
    await post('/hash', { password: '' }),
    await fetch(`${address}/png?size=0`),
  ];
  assert.deepEqual(
    responses.map(({ status }) => status),
    [400, 400, 400],
  );
  assert.equal((await stats()).submitted, 0);
});

test('a client that disconnects cancels its task, and the worker serves the next request', async (t) => {
  const { address, post, stats } = await serve(t, { maxWorkers: 1 });
  const leaving = new AbortController();
  const request = fetch(`${address}${LARGE}`, { signal: leaving.signal });
  await until(async () => (await stats()).running === 1);
  leaving.abort();
  await assert.rejects(request, { name: 'AbortError' });
  await until(async () => (await stats()).cancelled === 1);
  assert.equal((await post('/sign', { text: 'next' })).status, 200);
});

test('a request beyond the limit of waiting requests is answered with 503', async (t) => {
  const { address, stats } = await serve(t, { maxWorkers: 1, maxQueue: 1 });
  const leaving = new AbortController();
  const images = [];
  for (const waiting of [1, 2]) {
    images.push(fetch(`${address}${LARGE}`, { signal: leaving.signal }));
    await until(async () => (await stats()).pending === waiting);
    await until(async () => (await stats()).running === 1);
  }
  const refused = await fetch(`${address}/png`);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.match((await refused.json()).error, /maxQueue/);
  leaving.abort();
  await Promise.allSettled(images);
});

test('a request that takes too long is answered with 504', async (t) => {
  const { address } = await serve(t, { deadline: 50 });
  const response = await fetch(`${address}${LARGE}`);
  assert.equal(response.status, 504);
});

test('a request that waits too long for a worker is answered with 504 too', async (t) => {
  const { address, stats } = await serve(t, { maxWorkers: 1, deadline: 500 });
  // A worker may take longer than the deadline to start, and both requests would wait for it.
  await until(async () => (await stats()).workers.idle === 1);
  const responses = await Promise.all([LARGE, LARGE].map((path) => fetch(address + path)));
  assert.deepEqual(
    responses.map(({ status }) => status),
    [504, 504],
  );
  const errors = await Promise.all(responses.map((response) => response.json()));
  assert.equal(errors.filter(({ error }) => /while it waited/.test(error)).length, 1);
});

test('/stats shows the tasks, the workers and the times', async (t) => {
  const { post, stats } = await serve(t);
  for (let count = 0; count < 3; count++) await post('/sign', { text: 'tea' });
  const { state, submitted, fulfilled, workers, runTime } = await stats();
  assert.deepEqual(
    { state, submitted, fulfilled, runs: runTime.count },
    { state: 'open', submitted: 3, fulfilled: 3, runs: 3 },
  );
  assert.ok(workers.idle + workers.busy > 0);
});

test('after SIGTERM, the server finishes its requests and exits with code 0', { skip }, async () => {
  const { server, address, lines } = await start();
  const hash = fetch(`${address}/hash`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"password":"tea"}',
  });
  await until(async () => (await (await fetch(`${address}/stats`)).json()).submitted === 1);
  server.kill('SIGTERM');
  assert.equal((await hash).status, 200);
  assert.deepEqual(await once(server, 'exit'), [0, null]);
  assert.equal(lines.at(-1), 'stopped');
});

test('after SIGTERM, a task that exceeds the grace period is answered with 503', { skip }, async () => {
  const { server, address } = await start({ GRACE_MS: '100' });
  const image = fetch(`${address}${LARGE}`);
  await until(async () => (await (await fetch(`${address}/stats`)).json()).running === 1);
  server.kill('SIGTERM');
  assert.equal((await image).status, 503);
  assert.deepEqual(await once(server, 'exit'), [0, null]);
});

/** Opens a server in this process, and closes it after the test. */
async function serve(t, options) {
  const pool = openPool(options);
  const app = buildApp(pool);
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => Promise.all([app.close(), pool.close(0)]));
  const headers = { 'content-type': 'application/json' };
  return {
    address,
    post: (path, body) => fetch(address + path, { method: 'POST', headers, body: JSON.stringify(body) }),
    stats: async () => (await fetch(`${address}/stats`)).json(),
  };
}

/** Starts the server as a process of its own. */
async function start(env) {
  const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
  const server = spawn(process.execPath, [main], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = [];
  const output = createInterface(server.stdout);
  output.on('line', (line) => lines.push(line));
  await once(output, 'line');
  return { server, address: /http:\S+/.exec(lines[0])[0], lines };
}

/** Waits for a state that no event reports to a client. The test runner limits the time. */
async function until(condition) {
  while (!(await condition()));
}
