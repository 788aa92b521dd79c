// @ts-check
/**
 * Starts a Redis for one contender, on a free port and in memory only. This process is the parent
 * of Redis, because a contender is killed without a cleanup. Its channel closes then, and this
 * process exits and kills Redis.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Number of attempts. Another process may take the free port before Redis does. */
const ATTEMPTS = 5;
/** Time in ms between two attempts to connect. */
const PAUSE = 10;

const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
/** @type {import('node:child_process').ChildProcess | undefined} */
let redis;
process.on('exit', () => {
  redis?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
process.on('disconnect', () => process.exit());

for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  redis = spawn('redis-server', args, { stdio: 'ignore' });
  if (await isUp(redis, port)) {
    process.send?.(port);
    break;
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  return port;
}

/**
 * Resolves with true when Redis answers, with false if it exits before that.
 *
 * @param {import('node:child_process').ChildProcess} redis
 * @param {number} port
 */
async function isUp(redis, port) {
  while (redis.exitCode === null) {
    if ((await pidOfServer(port)) === redis.pid) return true;
    await sleep(PAUSE);
  }
  return false;
}

/**
 * Returns the process id of the Redis on a port, because the port may belong to another one.
 *
 * @param {number} port
 * @returns {Promise<number | undefined>}
 */
function pidOfServer(port) {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.end('INFO server\r\nQUIT\r\n')).setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(Number(/process_id:(\d+)/.exec(text)?.[1])));
  });
}
