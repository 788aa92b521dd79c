/** The option `worker`: a function creates the workers, and their file calls `serveWorker()`. */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { BrokenExecutorError, Executor, type ExecutorOptions, TaskNotFoundError, WorkerDiedError } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { serveWorker } from 'rx-futures/worker';
import { filter, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fixture } from '../support/open.js';
import { runProgram } from '../support/run-program.js';
import { until } from '../support/until.js';

type Values = typeof import('../fixtures/values.js');

const values = () => new Worker(fixture('served/values.worker.js'));

/** Returns the error of a task of an executor with this option. */
async function failureWith(worker: () => unknown, options: ExecutorOptions = {}): Promise<any> {
  await using executor = new Executor<any>({ worker: worker as never, maxWorkers: 1, ...options });
  return executor.submit('anything').then(
    () => 'no error',
    (error: unknown) => error,
  );
}

describe('a program with the option worker', () => {
  it('a task runs on a worker of the function, whose id the future has', async () => {
    const created: Worker[] = [];
    const worker = () => {
      created.push(values());
      return created.at(-1)!;
    };
    await using executor = new Executor<Values>({ worker, maxWorkers: 1, name: 'bundled' });
    const future = executor.tasks.echo('value');
    expect(await future).toBe('value');
    expect(created.map(({ threadId }) => threadId)).toEqual([future.threadId]);
  });

  it('the program ends by itself, the output of a task comes first, and one file may have both sides', async () => {
    const { code, lines, stderr } = await runProgram(new URL('../fixtures/programs/one-file.js', import.meta.url));
    expect([lines, stderr, code]).toEqual([['printed', 'on a worker: true'], '', 0]);
  });

  it('a task that does not exist is reported with the file of the worker and its tasks', async () => {
    await using executor = new Executor<any>({ worker: values, maxWorkers: 1 });
    const error: any = await executor.submit('missing').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TaskNotFoundError);
    expect(error.module).toBe(String(fixture('served/values.worker.js')));
    expect(error.exports).toContain('echo');
  });

  it('a worker that was created before the executor, and serves already, is used', async () => {
    const worker = values();
    await once(worker, 'message');
    await using executor = new Executor<Values>({ worker: () => worker, maxWorkers: 1 });
    expect(await executor.tasks.echo(1)).toBe(1);
  });

  it('tasks and the program can use the public port of the worker', async () => {
    const worker = new Worker(fixture('served/ports.worker.js'));
    await using executor = new Executor<any>({ worker: () => worker, maxWorkers: 1 });
    await executor.ready();
    const posted: unknown[] = [];
    worker.on('message', (message) => posted.push(message));
    worker.postMessage('to the task');
    await executor.submit('post', 'to the program');
    await until(async () => posted.includes('to the program'));
    await until(async () => (await executor.submit('hasReceived', 'to the task')) === true);
  });

  it('a message that the file of the worker posts before serveWorker() is not taken for its start', async () => {
    const worker = new Worker(fixture('served/early.worker.js'));
    // The answer follows everything that the executor would post because of the message.
    worker.on('message', (message) => message === 'early' && setImmediate(() => worker.postMessage('serve')));
    await using executor = new Executor<Values>({ worker: () => worker, maxWorkers: 1 });
    expect(await executor.tasks.echo('value')).toBe('value');
  });

  it('a worker that runs out of its own memory rejects the task, and the next task has a new worker', async () => {
    const worker = () =>
      new Worker(fixture('served/any.worker.js'), {
        workerData: String(fixture('dying.js')),
        resourceLimits: { maxOldGenerationSizeMb: 16 },
      });
    await using executor = new Executor<typeof import('../fixtures/dying.js')>({ worker, maxWorkers: 1 });
    const error = await executor.tasks.exhaustMemory().catch((error) => error);
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error.cause.code).toBe('ERR_WORKER_OUT_OF_MEMORY');
    await expect(executor.tasks.exit(3)).rejects.toMatchObject({ exitCode: 3 });
  });
});

describe('a function that returns no new worker', () => {
  it('an error of the function breaks the executor, as the cause', async () => {
    const cause = new Error('no licence');
    const error = await failureWith(() => {
      throw cause;
    });
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.cause).toBe(cause);
    expect(error.message).toContain('no licence');
  });

  it.each([
    ['nothing', () => undefined, 'undefined'],
    ['an object', () => ({ postMessage() {}, terminate() {} }), 'an object'],
    ['a port', () => new MessageChannel().port1, 'a MessagePort'],
    ['a promise', async () => values(), 'a Promise. Return the Worker itself'],
  ])('%s breaks the executor at the first call', async (_, create, got) => {
    let calls = 0;
    const error = await failureWith(() => {
      calls++;
      return create();
    });
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.message).toContain(`option "worker": expected a function that returns a new Worker`);
    expect(error.message).toContain(got);
    expect(calls).toBe(1);
  });

  it('the same worker twice serves the tasks alone, and breaks the executor when it has ended', async () => {
    const worker = values();
    await using executor = new Executor<Values>({ worker: () => worker, maxWorkers: 2 });
    // While no worker is up, three failed starts would break the executor.
    await executor.ready();
    expect(await Promise.all([executor.tasks.echo(1), executor.tasks.echo(2)])).toEqual([1, 2]);
    await worker.terminate();
    const error: any = await executor.tasks.echo(3).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.message).toContain('returned the same Worker twice. Create a new Worker in each call.');
  });

  it('a worker that has ended breaks the executor', async () => {
    const worker = values();
    await worker.terminate();
    expect((await failureWith(() => worker)).message).toContain('returned a Worker that has ended');
  });
});

describe('a worker whose file serves no tasks', () => {
  it.each([
    ['is missing', 'no-such-file.worker.js', /failed before its file called serveWorker\(\): Error.*no-such-file/],
    [
      'throws an error',
      'throws-on-import.js',
      /failed before its file called serveWorker\(\): Error: no luck at import/,
    ],
    ['ends early', 'served/silent.worker.js', /exited with code 0 before its file called serveWorker\(\)\. Import/],
  ])('a file that %s breaks the executor at the first worker', async (_, file, text) => {
    let calls = 0;
    const error = await failureWith(() => {
      calls++;
      return new Worker(fixture(file));
    });
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.message).toMatch(text);
    expect(error.cause).toBeInstanceOf(Error);
    expect(calls).toBe(1);
  });

  it('a file that lives on without serveWorker() breaks the executor after startTimeout, and the worker ends', async () => {
    const worker = new Worker(fixture('served/busy.worker.js'));
    const ended = once(worker, 'exit');
    const error = await failureWith(() => worker, { startTimeout: 50 });
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.message).toContain('needed more than 50 ms to start, because its file has not called serveWorker()');
    expect(error.cause.message).toContain('call serveWorker(tasks) in the file of the worker');
    await ended;
  });

  it('terminate() ends a worker that has not served yet, without an error', async () => {
    const executor = new Executor<any>({ worker: () => new Worker(fixture('served/busy.worker.js')), maxWorkers: 1 });
    const errors: unknown[] = [];
    executor.events.subscribe((event) => {
      if (event.type === 'worker-ended' || event.type === 'worker-died') errors.push(event.error);
    });
    const spawned = firstValueFrom(executor.events.pipe(filter(({ type }) => type === 'worker-spawned')));
    const future = executor.submit('anything');
    future.catch(() => {});
    await spawned;
    await executor.terminate();
    expect([future.state, executor.state, errors]).toEqual(['cancelled', 'closed', [undefined]]);
  });
});

describe('options that contradict the option worker', () => {
  const tasks = fixture('values.js');

  it.each([
    [{ tasks }, /"worker" and "tasks" exclude each other/],
    [{ backend: inlineBackend() }, /"worker" and "backend" exclude each other, because the "inline" backend/],
    [{ runtime: 'child_process' }, /"runtime": "child_process" and the option "worker" exclude each other/],
    [{ env: {} }, /option "env" has no effect with the option "worker".*Pass it to new Worker\(\)/],
    [{ argv: [] }, /option "argv" has no effect/],
    [{ execArgv: [] }, /option "execArgv" has no effect/],
    [{ workerData: 1 }, /option "workerData" has no effect/],
    [{ resourceLimits: {} }, /option "resourceLimits" has no effect/],
  ] as const)('the constructor throws a TypeError for %j', (options, text) => {
    const make = () => new Executor<any>({ worker: values, ...(options as ExecutorOptions) });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(text);
  });

  it.each([
    ['a URL', tasks],
    ['a worker class', Worker],
    ['null', null],
    ['a text', './tasks.worker.js'],
  ])('the constructor throws a TypeError for %s instead of the function', (_, worker) => {
    const make = () => new Executor<any>({ worker: worker as never });
    expect(make).toThrow(/option "worker": expected a function that returns a new Worker, got/);
  });

  it("runtime: 'worker_threads' is accepted, because the function creates worker threads", async () => {
    await using executor = new Executor<Values>({ worker: values, runtime: 'worker_threads', maxWorkers: 1 });
    expect(await executor.tasks.echo(1)).toBe(1);
  });
});

describe('serveWorker()', () => {
  it('serveWorker() on the main thread throws an error that names the option', () => {
    expect(() => serveWorker({})).toThrow(/does not run on a worker thread.*new Executor\(\{ worker:/);
  });

  it.each([undefined, null, 'tasks', () => {}, Promise.resolve({})])(
    'serveWorker(%s) throws a TypeError that says what to pass',
    (tasks) => {
      expect(() => serveWorker(tasks as never)).toThrow(TypeError);
      expect(() => serveWorker(tasks as never)).toThrow(/expected the exports of a task module, got .+\. (Pass|Await)/);
    },
  );

  it('a second call on the same worker throws an error', async () => {
    await using executor = new Executor<any>({
      worker: () => new Worker(fixture('served/twice.worker.js')),
      maxWorkers: 1,
    });
    expect(await executor.submit('thrown')).toMatchObject({ message: expect.stringContaining('it was called before') });
  });

  it('the file of a worker as the option tasks is an error that names the option worker', async () => {
    await using executor = new Executor<any>({ tasks: fixture('served/values.worker.js'), maxWorkers: 1 });
    const error: any = await executor.submit('echo', 1).catch((error: unknown) => error);
    expect(error.message).toContain('Pass the file to the option "worker" of the executor, not to "tasks"');
  });
});
