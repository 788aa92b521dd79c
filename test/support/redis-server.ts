/** A real Redis of its own for the tests of a file: on a port that is free, with its data in a directory that goes with it. */
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
  /** Another one after a restart. */
  readonly pid: number;
  /** Ends it for good, with its data. */
  stop(): Promise<void>;
  /** Resolves when it has the signal, and where that ends it (anything but SIGSTOP and SIGCONT), when it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** On the same port, with the data that it has kept: all that it has answered where it is `appendonly`, nothing where it is not. */
  restart(): Promise<void>;
}

export interface RedisServerOptions {
  readonly password?: string;
  readonly appendonly?: boolean;
  /** Default: one that is free. */
  readonly port?: number;
  /** For its data; it stays there. Default: one that goes with it. */
  readonly dir?: string;
}

/** Resolves when it answers. Whoever starts one stops it; one that was forgotten ends with this process. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { password, appendonly = false } = options;
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'rx-futures-redis-'));
  const settings = { bind: '127.0.0.1', dir, save: '', appendonly: appendonly ? 'yes' : 'no' };
  let port = options.port ?? (await freePort());
  let child: ChildProcess;

  const start = async (): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      child = run({ ...settings, port, requirepass: password ?? '' });
      if (await answers(child, port, password)) return;
      // Between looking for a free port and listening there, somebody else may have taken it.
      if (options.port !== undefined || attempt === PORTS)
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

const PORTS = 5;
/** ms in which it has to answer. */
const START = 10_000;
/** ms between two attempts to reach it. */
const GLANCE = 10;

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

/** True when it answers, false when it has ended. */
async function answers(child: ChildProcess, port: number, password: string | undefined): Promise<boolean> {
  for (const end = Date.now() + START; Date.now() < end && !hasEnded(child); await sleep(GLANCE)) {
    if ((await whoAnswers(port, password)) === child.pid) return true;
  }
  child.kill('SIGKILL');
  return false;
}

/** Its process id, since another one may have the port; undefined while nobody answers, or it still reads its data. */
function whoAnswers(port: number, password: string | undefined): Promise<number | undefined> {
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
