const path = require('node:path');
const lib = require('rx-futures');
const testing = require('rx-futures/testing');
const rxjs = require('rxjs');
const checks = require('./checks.cjs');
const mailer = require('./mailer');
const tasks = require('./tasks');

jest.mock('./mailer');

const file = path.join(__dirname, 'tasks.js');
const realm = { Array, Error, Map, Object, Set, TypeError, Uint8Array };
for (const [title, run] of checks({ lib, testing, rxjs, tasks: file, realm })) test(title, run, 60_000);

const open = (options) =>
  new lib.Executor({ backend: testing.inlineBackend({ module: () => require('./tasks') }), ...options });

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test('a task of the test’s own import calls the mock of a module', async () => {
  mailer.deliver.mockReturnValue('mocked');
  const executor = open();
  expect(await executor.tasks.send('me')).toBe('mocked');
  expect(mailer.deliver).toHaveBeenCalledWith('me');
  await executor.shutdown();
});

test('a spy on a task sees its calls, and the restored task runs after it', async () => {
  const executor = open();
  expect(await executor.tasks.add(1, 2)).toBe(3);
  const spy = jest.spyOn(tasks, 'add').mockReturnValue(7);
  expect(await executor.tasks.add(1, 2)).toBe(7);
  expect(spy).toHaveBeenCalledWith(1, 2);
  spy.mockRestore();
  expect(await executor.tasks.add(1, 2)).toBe(3);
  await executor.shutdown();
});

test.each([
  ['threads', { tasks: file }],
  ['the thread of the test', { backend: testing.inlineBackend({ module: () => require('./tasks') }) }],
])('with fake timers, tasks settle on %s, and a timeout follows the fake clock', async (_where, options) => {
  jest.useFakeTimers();
  const executor = new lib.Executor(options);
  expect(await executor.tasks.double(2)).toBe(4);
  expect(jest.getTimerCount()).toBe(0);
  const late = executor.tasks.wait().result({ timeout: 60_000 });
  jest.advanceTimersByTime(60_000);
  await expect(late).rejects.toBeInstanceOf(lib.TimeoutError);
  expect(jest.getTimerCount()).toBe(0);
  await executor.terminate();
});

(process.env.FAILING ? test : test.skip)('a task fails', async () => {
  await withExecutor(async (executor) => executor.tasks.fail('no teapot'));
});

async function withExecutor(run) {
  const executor = new lib.Executor({ tasks: file });
  try {
    return await run(executor);
  } finally {
    await executor.shutdown();
  }
}
