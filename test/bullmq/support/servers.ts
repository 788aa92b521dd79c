/** Servers and clients as processes of their own, which a test can kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { Executor, type ExecutorOptions } from 'rx-futures';
import {
  type BullmqOptions,
  bullmqBackend,
  type ServeOptions,
  serveTasks,
  type TaskService,
} from '../../../src/bullmq.js';
import { until } from '../../support/until.js';

export type TaskModule = typeof import('../fixtures/tasks.js');

const root = fileURLToPath(new URL('../../..', import.meta.url));
const path = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

export const taskModule = new URL('../fixtures/tasks.js', import.meta.url);

/** Returns the name of a queue that no other test uses. */
export function anyQueue(): string {
  return `queue-${randomUUID().slice(0, 8)}`;
}

/** The connection and the name of a queue. */
export interface QueueAddress {
  readonly connection: string;
  readonly queue: string;
}

/** Opens a client in the process of the test. */
export function openClient(
  address: QueueAddress,
  options: Partial<BullmqOptions> = {},
  executorOptions: ExecutorOptions = {},
): Executor<TaskModule> {
  return new Executor<TaskModule>({ backend: bullmqBackend({ ...address, ...options }), ...executorOptions });
}

/** Starts a server with one thread in the process of the test. */
export function serveHere(address: QueueAddress, options: Partial<ServeOptions> = {}): Promise<TaskService> {
  return serveTasks({ ...address, tasks: taskModule, maxWorkers: 1, ...options });
}

/**
 * Resolves when the server of the queue waits for a job in a blocking command. BullMQ starts this
 * command after Redis has answered all commands about the last job.
 */
export async function idleServer({ connection, queue }: QueueAddress): Promise<void> {
  const reader = new Queue(queue, { connection: { url: connection } });
  try {
    await until(async () => (await reader.getWorkers()).some(({ flags }) => flags?.includes('b')));
  } finally {
    await reader.close();
  }
}

/** A child process that prints lines. It is killed when the test that uses it ends. */
export class Program implements AsyncDisposable {
  readonly lines: string[] = [];
  errors = '';
  readonly #child: ChildProcess;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    // A test that exceeds its time limit disposes of nothing.
    const end = () => this.#child.kill('SIGKILL');
    process.once('exit', end);
    this.#child.once('exit', () => process.off('exit', end));
    let rest = '';
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      this.lines.push(...lines);
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves with the line of this index when it was printed. */
  async line(number: number): Promise<string> {
    await until(() => this.lines.length > number || this.hasEnded);
    const line = this.lines[number];
    if (line === undefined) throw new Error(`The program has ended without a line ${number}:\n${this.errors}`);
    return line;
  }

  /** Resolves with the line of this index, parsed as JSON. */
  async says(number: number): Promise<any> {
    return JSON.parse(await this.line(number));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async ended(): Promise<{ code: number | null; signal: string | null }> {
    if (!this.hasEnded) await once(this.#child, 'exit');
    return { code: this.#child.exitCode, signal: this.#child.signalCode };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.ended();
  }
}

interface ServerOptions {
  readonly name?: string;
  readonly workers?: number;
  readonly concurrency?: number;
  readonly lostAfter?: number;
  readonly rerunLost?: number;
}

/** Starts a server from the command line. Resolves when it serves the queue. */
export async function startServer({ connection, queue }: QueueAddress, options: ServerOptions = {}): Promise<Program> {
  const { name = 'server', workers = 1, concurrency = 1, lostAfter = 1_000, rerunLost = 0 } = options;
  const given = {
    redis: connection,
    queue,
    name,
    workers,
    concurrency,
    'lost-after': lostAfter,
    'rerun-lost': rerunLost,
  };
  const args = Object.entries(given).flatMap(([option, value]) => [`--${option}`, String(value)]);
  const server = new Program(['dist/cli.js', 'serve', path('tasks.js'), ...args]);
  try {
    await server.line(0);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts a client in a process of its own; fixtures/client.js lists its orders. */
export function startClient(address: QueueAddress, orders: object): Program {
  return new Program([path('client.js'), JSON.stringify({ ...address, ...orders })]);
}

/** Returns true if a job waits that no server has claimed. */
export async function isQueued(address: QueueAddress): Promise<boolean> {
  return (await countQueued(address)) > 0;
}

export async function countQueued({ connection, queue }: QueueAddress): Promise<number> {
  const jobs = new Queue(queue, { connection: { url: connection } });
  const count = await jobs.getJobCountByTypes('prioritized', 'waiting');
  await jobs.close();
  return count;
}
