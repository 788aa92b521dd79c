/**
 * Tests that every runner runs in the same way. The project passes the library as the runner has
 * loaded it, and registers each test with the function of the runner.
 */
const assert = require('node:assert/strict');

/**
 * @param {Record<'lib' | 'testing' | 'rxjs' | 'tasks' | 'realm', any>} project `realm` has the
 *   built-in classes that tests of this runner see
 * @returns {[title: string, run: () => Promise<void>][]}
 */
module.exports = ({ lib, testing, rxjs, tasks, realm }) => {
  const { Executor, Future, asCompleted, chain, CancelledError, WorkerDiedError } = lib;
  const open = (options) => new Executor({ tasks, maxWorkers: 2, ...options });

  /** Tests that pass on every backend, each with an executor that is closed after it. */
  const everywhere = {
    'a chain returns its final result': async ({ tasks }) => {
      assert.equal(await tasks.add(1, 2).pipe(chain(tasks.double)), 6);
    },
    'a future is an Observable of the rxjs that the test imports': async ({ tasks }) => {
      const future = tasks.add(1, 2);
      assert.ok(future instanceof Future);
      assert.ok(future instanceof rxjs.Observable);
      assert.equal(await rxjs.lastValueFrom(future.pipe(rxjs.map((sum) => sum + 1))), 4);
    },
    'an error has its class, its message and the stack of the task': async ({ tasks }) => {
      const error = await tasks.fail('no teapot').catch((reason) => reason);
      assert.ok(error instanceof realm.TypeError && error instanceof realm.Error);
      assert.equal(error.message, 'no teapot');
      assert.match(error.stack, /fail.*tasks\.[jt]s/);
    },
    'asCompleted emits an outcome for each future': async ({ tasks }) => {
      const outcomes = [];
      for await (const { status } of asCompleted([tasks.add(1, 2), tasks.fail('odd')])) outcomes.push(status);
      assert.deepEqual(outcomes.sort().join(), 'fulfilled,rejected');
    },
    'map keeps the order of its inputs': async (executor) => {
      const results = [];
      for await (const result of executor.map('double', [1, 2, 3])) results.push(result);
      assert.equal(results.join(), '2,4,6');
    },
    'a cancelled future rejects with a CancelledError': async ({ tasks }) => {
      const future = tasks.wait();
      assert.ok(future.cancel('enough'));
      await assert.rejects(future.result(), (error) => error instanceof CancelledError && error.cause === 'enough');
    },
    'a promise of Node that a task returns is awaited': async ({ tasks }) => {
      assert.equal(typeof (await tasks.readItself()), 'number');
    },
    'collections and bytes arrive as copies': async ({ tasks }) => {
      const value = { list: [1, { two: 2 }], map: new Map([[1, new Set([2])]]), bytes: new Uint8Array([1, 2]) };
      const copy = await tasks.echo(value);
      assert.notEqual(copy, value);
      assert.equal(JSON.stringify(copy.list), '[1,{"two":2}]');
      assert.ok(copy.map.get(1).has(2));
      assert.equal(copy.bytes.join(), '1,2');
      for (const name of ['Object', 'Array', 'Map', 'Set', 'Uint8Array']) {
        const part = { Object: copy, Array: copy.list, Map: copy.map, Set: copy.map.get(1), Uint8Array: copy.bytes };
        assert.ok(part[name] instanceof realm[name], `a copy is not an instance of ${name}`);
      }
    },
    'currentTask() knows the task': async ({ tasks }) => {
      assert.equal(await tasks.ownName(), 'ownName');
    },
  };

  const backends = {
    'on threads': {},
    'in child processes': { runtime: 'child_process', maxWorkers: 1 },
    'on the thread of the test': { backend: testing.inlineBackend() },
  };

  return [
    ...Object.entries(backends).flatMap(([where, options]) =>
      Object.entries(everywhere).map(([title, run]) => [
        `${where}, ${title}`,
        async () => {
          const executor = open(options);
          try {
            await run(executor);
          } finally {
            await executor.shutdown();
          }
        },
      ]),
    ),
    [
      'bytes move to a thread and back',
      async () => {
        const executor = open();
        const bytes = new Uint8Array(100_000).fill(7);
        const sum = executor.tasks.sum(lib.transfer(bytes));
        assert.equal(bytes.byteLength, 0);
        assert.equal(await sum, 700_000);
        await executor.shutdown();
      },
    ],
    [
      'a task that ends its thread rejects with a WorkerDiedError',
      async () => {
        const executor = open();
        const error = await executor.tasks.exit(3).catch((reason) => reason);
        assert.ok(error instanceof WorkerDiedError);
        assert.equal(error.exitCode, 3);
        assert.equal(await executor.tasks.add(1, 1), 2);
        await executor.shutdown();
      },
    ],
    [
      'an executor that nobody closes does not keep the runner alive',
      async () => {
        assert.equal(await open().tasks.add(1, 1), 2);
      },
    ],
  ];
};
