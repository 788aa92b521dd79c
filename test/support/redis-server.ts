/**
 * Starts a real Redis for the tests of a file, on a free port and with a temporary data directory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** The process id. It changes with a restart. */
  readonly pid: number;
  /** Kills the server and removes its temporary data. */
  stop(): Promise<void>;
  /** Sends a signal. Resolves when the server has exited, or at once for SIGSTOP and SIGCONT. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /**
   * Kills the server and starts it on the same port. With `appendonly` it keeps all data that it
   * has acknowledged. Without `appendonly` it loses its data.
   */
  restart(): Promise<void>;
}

export interface RedisServerOptions {
  readonly password?: string;
  readonly appendonly?: boolean;
  /** @default a free port */
  readonly port?: number;
  /**
   * Directory of the data, which `stop()` does not remove.
   *
   * @default a temporary directory, which `stop()` removes
   */
  readonly dir?: string;
}

/**
 * Starts a server and resolves when it answers. The caller has to stop it. A server that is not
 * stopped is killed when this process exits.
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { password, appendonly = false } = options;
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'rx-futures-redis-'));
  // By default, a Redis with a slow disk acknowledges data up to two seconds before it writes them.
  // A kill would lose the data.
  const appending: Record<string, string> = appendonly ? { appendonly: 'yes', appendfsync: 'always' } : {};
  const settings = { bind: '127.0.0.1', dir, save: '', ...appending };
  let port = options.port ?? (await freePort());
  let child: ChildProcess;

  const start = async (): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      child = run({ ...settings, port, requirepass: password ?? '' });
      if (await answers(child, port, password)) return;
      // Another process may have taken the port after `freePort` found it.
      if (options.port !== undefined || attempt === MAX_PORTS)
        throw new Error(`redis-server does not start on port ${port}`);
      port = await freePort();
    }
  };
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended;
  };

  const stop = async (): Promise<void> => {
    await kill('SIGKILL');
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  };

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get url() {
      return `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    get pid() {
      return child.pid!;
    },
    kill,
    async restart() {
      await kill('SIGKILL');
      await start();
    },
    stop,
  };
}

/** Maximum number of ports to try. */
const MAX_PORTS = 5;
/** Time in ms in which the server has to answer. */
const START_TIMEOUT_MS = 10_000;
/** Time in ms between two attempts to connect. */
const POLL_INTERVAL_MS = 10;

function run(settings: Readonly<Record<string, string | number>>): ChildProcess {
  const args = Object.entries(settings).flatMap(([name, value]) =>
    value === '' && name !== 'save' ? [] : [`--${name}`, String(value)],
  );
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

/** Resolves with true when the server answers, with false if it exits before that. */
async function answers(child: ChildProcess, port: number, password: string | undefined): Promise<boolean> {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end && !hasEnded(child); await sleep(POLL_INTERVAL_MS)) {
    if ((await pidOfServer(port, password)) === child.pid) return true;
  }
  child.kill('SIGKILL');
  return false;
}

/**
 * Returns the process id of the server on a port, because the port may belong to another server.
 * Returns undefined if no server answers, or if the server is still loading its data.
 */
function pidOfServer(port: number, password: string | undefined): Promise<number | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port });
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      socket.end(`${password === undefined ? '' : `AUTH ${password}\r\n`}PING\r\nINFO server\r\nQUIT\r\n`);
    });
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => {
      const pid = /process_id:(\d+)/.exec(text)?.[1];
      resolve(text.includes('+PONG') && pid !== undefined ? Number(pid) : undefined);
    });
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
