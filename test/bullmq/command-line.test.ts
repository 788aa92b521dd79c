/** `npx rx-futures serve`: arguments, start and end. */
import { fileURLToPath } from 'node:url';
import { chain } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { startRedis } from '../support/redis.js';
import { describeQueue } from './support/describe-queue.js';
import { anyQueue, openClient, Program, type QueueAddress, startServer } from './support/servers.js';

const tasks = fileURLToPath(new URL('./fixtures/tasks.js', import.meta.url));

async function run(...args: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  await using program = new Program(['dist/cli.js', ...args]);
  const { code } = await program.ended();
  return { code, out: program.lines.join('\n'), errors: program.errors };
}

describe('rx-futures serve', () => {
  it.each<[string, string[], RegExp]>([
    ['no command', [], /Missing command\. Use "serve" or "dashboard"/],
    ['another command', ['run'], /Unknown command "run"/],
    ['no module', ['serve'], /serve: the task module is missing/],
    ['two modules', ['serve', 'a.js', 'b.js'], /expected one task module, got "a\.js", "b\.js"/],
    ['no queue', ['serve', 'a.js', '--redis', 'redis://127.0.0.1:1'], /name of the queue is missing\. Pass --queue/],
    [
      'no number',
      ['serve', 'a.js', '--redis', 'x', '--queue', 'q', '--workers', 'all'],
      /--workers: expected an integer, got "all"/,
    ],
    [
      'a negative time',
      ['serve', 'a.js', '--redis', 'x', '--queue', 'q', '--close-timeout=-1'],
      /--close-timeout: expected a time in ms, 0 or more, got "-1"/,
    ],
    ['an option that it has not', ['serve', 'a.js', '--speed', '11'], /--speed/],
  ])('the command line reports the mistake and the usage for %s', async (_, args, message) => {
    const { code, errors } = await run(...args);
    expect(code).toBe(2);
    expect(errors).toMatch(message);
    expect(errors).toMatch(/Usage: rx-futures serve/);
  });

  it('--help prints the usage', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Usage: rx-futures serve') });
  });
});

describe('rx-futures dashboard', () => {
  it.each<[string, string[], RegExp]>([
    ['an argument that it has not', ['x', '--redis', 'x', '--queue', 'q'], /unexpected argument "x"/],
    ['no queue', ['--redis', 'redis://127.0.0.1:1'], /name of the queue is missing/],
    ['no number', ['--redis', 'x', '--queue', 'q', '--port', 'any'], /--port: expected an integer, got "any"/],
  ])('the command line reports the mistake and the usage for %s', async (_, args, message) => {
    const { code, errors } = await run('dashboard', ...args);
    expect(code).toBe(2);
    expect(errors).toMatch(message);
    expect(errors).toMatch(/Usage: rx-futures dashboard/);
  });
});

describeQueue('rx-futures dashboard with a Redis', (anyAddress) => {
  it('the page of a queue is served until SIGTERM', async () => {
    const { connection, queue } = anyAddress();
    await using program = new Program(['dist/cli.js', 'dashboard', '--redis', connection, '--queue', queue]);
    const [, url] = /(http:\/\/\S+)$/.exec(await program.line(0))!;
    expect((await fetch(url!)).status).toBe(200);
    program.kill('SIGTERM');
    expect(await program.ended()).toMatchObject({ code: 0 });
  });
});

describeQueue('rx-futures serve with a Redis', (anyAddress) => {
  const at = ({ connection, queue }: QueueAddress, module = tasks) => [
    'serve',
    module,
    '--redis',
    connection,
    '--queue',
    queue,
  ];

  it('serve exits with 1 and the reason if the task module does not load', async () => {
    const { code, errors } = await run(...at(anyAddress(), '/nowhere/tasks.js'));
    expect(code).toBe(1);
    expect(errors).toMatch(/BrokenExecutorError.*\/nowhere\/tasks\.js/);
  });

  it('serve exits with an error that names an invalid option', async () => {
    const { code, errors } = await run(...at(anyAddress()), '--lost-after', '-1');
    expect(code).not.toBe(0);
    expect(errors).toMatch(/lost-?after/i);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'a server that receives %s finishes its jobs, claims no new ones, and exits with 0',
    async (signal) => {
      const address = anyAddress();
      await using server = await startServer(address);
      await using client = openClient(address);
      using gate = new FileGate();
      const held = client.tasks.linger(gate.cells, 4);
      await gate.arrivals();
      server.kill(signal);
      expect(await server.line(1)).toMatch(new RegExp(`received ${signal}, finishing the running jobs`));
      const waiting = client.tasks.count(gate.cells);
      gate.open();
      expect(await held).toBe(4);
      expect(await server.ended()).toEqual({ code: 0, signal: null });
      expect(server.errors).toBe('');
      expect(gate.runs).toBe(0);
      await using _next = await startServer(address);
      expect(await waiting).toBe(1);
    },
  );

  it('a server that receives SIGTERM finishes the whole chain that it runs', async () => {
    const address = anyAddress();
    await using server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    const { first, second, third } = client.tasks;
    const last = first(gate.cells).pipe(chain(second)).pipe(chain(third));
    await gate.arrivals();
    server.kill('SIGTERM');
    await server.line(1);
    gate.open();
    expect(await last).toBe('first second third');
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    expect(gate.notes).toEqual([1, 2, 3]);
  });

  it('a server with --close-timeout cancels what runs after that time, and exits with 0', async () => {
    const address = anyAddress();
    await using server = new Program(['dist/cli.js', ...at(address), '--close-timeout', '50']);
    await server.line(0);
    await using client = openClient(address);
    using gate = new FileGate();
    const held = client.tasks.untilAborted(gate.cells);
    await gate.arrivals();
    server.kill('SIGTERM');
    expect(await server.line(1)).toMatch(/finishing the running jobs for at most 50 ms/);
    const { reason } = (await held.settled()) as { reason: Error };
    expect(reason).toMatchObject({ name: 'CancelledError', cause: { name: 'TimeoutError' } });
    expect(await server.ended()).toEqual({ code: 0, signal: null });
  });

  it('an idle server that receives SIGTERM exits with 0 at once', async () => {
    await using server = await startServer(anyAddress());
    server.kill('SIGTERM');
    expect(await server.ended()).toEqual({ code: 0, signal: null });
  });

  it('a server that receives a second SIGTERM exits with 1', async () => {
    const address = anyAddress();
    await using server = await startServer(address);
    await using client = openClient(address);
    using gate = new FileGate();
    const held = client.tasks.linger(gate.cells);
    await gate.arrivals();
    server.kill('SIGTERM');
    await server.line(1);
    server.kill('SIGTERM');
    expect(await server.ended()).toEqual({ code: 1, signal: null });
    held.cancel();
  });

  it('a server exits on a second SIGTERM while Redis is unreachable', async () => {
    const redisServer = await startRedis();
    try {
      await using server = await startServer({ connection: redisServer.url, queue: anyQueue() });
      await redisServer.stop();
      server.kill('SIGTERM');
      await server.line(1);
      server.kill('SIGTERM');
      const { code } = await server.ended();
      expect([0, 1]).toContain(code);
    } finally {
      await redisServer.stop();
    }
  });
});
