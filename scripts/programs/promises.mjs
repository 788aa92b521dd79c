/**
 * Promises of docs/, each as a small check that runs without a test runner.
 *
 *   node promises.mjs          prints the names of all checks, one on each line
 *   node promises.mjs <name>   runs one check: exits with 0 if it passes, else prints the fault
 *
 * On Node all checks pass. test-bun.mjs declares the checks that fail on Bun.
 */
import assert from 'node:assert/strict';
import { all, asCompleted, CancelledError, chain, Executor, TimeoutError, transfer, WorkerDiedError } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';

const opened = [];

/** Opens an executor that is shut down at the end of its check. */
function open(options) {
  const executor = new Executor({ maxWorkers: 1, onUnobservedError: () => {}, ...options });
  opened.push(executor);
  return executor;
}

const tasks = new URL('./tasks.mjs', import.meta.url);

const promises = {
  async 'runs functions, and chains of them'() {
    const executor = open({ tasks });
    const { sum } = executor.tasks;
    assert.equal(await sum(1, 2).pipe(chain((value) => sum(value, 3))), 6);
    assert.deepEqual(await all([sum(1, 1), sum(2, 2)]), [2, 4]);
  },

  async 'runs 10,000 tasks'() {
    const executor = open({ tasks, maxWorkers: 2 });
    const futures = Array.from({ length: 10_000 }, (_, i) => executor.tasks.sum(i, 1));
    let count = 0;
    for await (const { value, status } of asCompleted(futures)) if (status === 'fulfilled' && value > 0) count++;
    assert.equal(count, 10_000);
  },

  async 'streams at the pace of the reader, and stops when it unsubscribes'() {
    const executor = open({ tasks });
    const seen = [];
    for await (const value of executor.with({ highWaterMark: 2 }).stream('count', 1_000_000))
      if (seen.push(value) === 5) break;
    assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  },

  async 'maps in order'() {
    const executor = open({ maxWorkers: 2 });
    const seen = [];
    for await (const value of executor.map((x) => x * x, [1, 2, 3])) seen.push(value);
    assert.deepEqual(seen, [1, 4, 9]);
  },

  async 'replays the progress of a task'() {
    const executor = open({ tasks });
    const future = executor.tasks.progress();
    const seen = [];
    future.progress.subscribe((value) => seen.push(value));
    await future;
    assert.deepEqual(seen, ['half']);
  },

  async 'rejects with the error of the worker, including its class, cause and properties'() {
    const executor = open();
    const future = executor.submit(() => {
      throw Object.assign(new RangeError('lost', { cause: new TypeError('why') }), { code: 7 });
    });
    const { reason } = await future.settled();
    assert.ok(reason instanceof RangeError && reason.cause instanceof TypeError);
    assert.deepEqual([reason.message, reason.code, reason.cause.message], ['lost', 7, 'why']);
  },

  async 'rejects a result that cannot be cloned, with the path of the fault'() {
    const executor = open();
    const { reason } = await executor.submit(() => ({ a: [() => {}] })).settled();
    assert.equal(reason.path, 'result.a[0]');
  },

  async 'transfers buffers'() {
    const executor = open();
    const bytes = new Uint8Array(1_000_000).fill(1);
    assert.equal(await executor.submit((moved) => moved.length, transfer(bytes)), 1_000_000);
    assert.equal(bytes.byteLength, 0);
  },

  async 'appends the stack of the submit to the stack of an error'() {
    const executor = open({ captureStacks: true });
    const { reason } = await executor.submit(() => null.x).settled();
    assert.match(reason.stack, /--- submitted ---[\s\S]*promises\.mjs/);
  },

  async 'cancels a task by its signal'() {
    const executor = open({ tasks });
    const future = executor.tasks.forever();
    setTimeout(() => future.cancel('enough'), 100);
    const { status, reason } = await future.settled();
    assert.deepEqual([status, reason instanceof CancelledError], ['cancelled', true]);
  },

  async 'terminates a worker whose task does not stop, and runs the next task on a new one'() {
    const executor = open({ tasks, terminateAfter: 100 });
    const { sum } = executor.tasks;
    const future = executor.with({ timeout: 100 }).submit(() => {
      for (;;);
    });
    assert.ok((await future.settled()).reason instanceof TimeoutError);
    assert.equal(await sum(1, 2), 3);
  },

  async 'rejects a task that calls process.exit, and runs the next task on a new worker'() {
    const executor = open();
    const { reason } = await executor.submit(() => process.exit(3)).settled();
    assert.ok(reason instanceof WorkerDiedError);
    assert.equal(reason.exitCode, 3);
    assert.equal(await executor.submit(() => 1), 1);
  },

  async 'rejects a task that throws in a timer, and runs the next task on a new worker'() {
    const executor = open();
    const future = executor.submit(async () => {
      setTimeout(() => {
        throw new Error('in a timer');
      });
      await new Promise(() => {});
    });
    assert.ok((await future.settled()).reason instanceof WorkerDiedError);
    assert.equal(await executor.submit(() => 1), 1);
  },

  async 'ignores messages that tasks post on the public port'() {
    const executor = open();
    for (const message of [null, 'text', { ready: true }]) {
      const value = await executor.submit(async (posted) => {
        const { parentPort } = await import('node:worker_threads');
        parentPort.postMessage(posted);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return 'posted';
      }, message);
      assert.equal(value, 'posted');
    }
  },

  async 'reports a cleanup that fails after the reader of its stream has unsubscribed'() {
    const reports = [];
    const executor = open({ onUnobservedError: (error) => reports.push(error.message) });
    const stream = executor.stream(function* () {
      try {
        for (;;) yield 1;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: the check is about an error thrown here.
        throw new Error('not closed');
      }
    });
    for await (const _ of stream) break;
    await executor.shutdown();
    assert.deepEqual(reports, ['not closed']);
  },

  async 'retries a task that fails'() {
    const executor = open();
    const future = executor.with({ retry: 2 }).submit(() => {
      globalThis.runs = (globalThis.runs ?? 0) + 1;
      if (globalThis.runs < 3) throw new Error(`run ${globalThis.runs}`);
      return globalThis.runs;
    });
    assert.equal(await future, 3);
  },

  async 'terminates at once'() {
    const executor = open();
    const future = executor.submit(() => {
      for (;;);
    });
    setTimeout(() => executor.terminate(), 100);
    assert.equal((await future.settled()).status, 'cancelled');
    await executor.terminate();
    assert.equal(executor.state, 'closed');
  },

  async 'rejects with BrokenExecutorError if the task module does not load'() {
    const executor = open({ tasks: new URL('./nowhere.mjs', import.meta.url) });
    assert.equal((await executor.tasks.sum(1, 2).settled()).reason.name, 'BrokenExecutorError');
    await executor.shutdown();
  },

  async 'lets the process end without a shutdown'() {
    const executor = new Executor({ tasks });
    // Without this promise, the program would hang here after its last line.
    assert.equal(await executor.tasks.sum(1, 2), 3);
  },

  async 'runs tasks on the calling thread, for tests'() {
    const executor = open({ tasks, backend: inlineBackend() });
    assert.equal(await executor.tasks.sum(1, 2), 3);
  },

  async 'runs tasks in child processes'() {
    const executor = open({ tasks, runtime: 'child_process' });
    assert.equal(await executor.tasks.sum(1, 2), 3);
  },
};

const [name] = process.argv.slice(2);
if (name === undefined) for (const each of Object.keys(promises)) console.log(each);
else {
  await promises[name]();
  for (const executor of opened) await executor.shutdown();
}
