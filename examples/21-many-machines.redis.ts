/**
 * Finds a Redis for example 21: the one at `REDIS_URL`, or a new one on a free port. The new one is
 * stopped at the end of the example.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';

export interface Redis extends Disposable {
  readonly url: string;
}

/** Returns undefined if `REDIS_URL` is not set and redis-server is not installed. */
export async function findRedis(): Promise<Redis | undefined> {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, [Symbol.dispose]() {} };
  const port = await freePort();
  // Redis keeps its data in memory only. Its clients retry until it accepts connections.
  const args = ['--bind', '127.0.0.1', '--port', `${port}`, '--save', '', '--dir', tmpdir()];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  try {
    await once(server, 'spawn');
  } catch {
    return undefined;
  }
  const stop = () => server.kill();
  process.once('exit', stop);
  return { url: `redis://127.0.0.1:${port}`, [Symbol.dispose]: stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
