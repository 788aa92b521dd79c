import path from 'node:path';
import * as lib from 'rx-futures';
import * as testing from 'rx-futures/testing';
import * as rxjs from 'rxjs';
import checks from './checks.cjs';
import { deliver } from './mailer';
import * as tasks from './tasks';

jest.mock('./mailer');

const file = path.join(__dirname, 'tasks.js');
const realm = { Array, Error, Map, Object, Set, TypeError, Uint8Array };
for (const [title, run] of checks({ lib, testing, rxjs, tasks: file, realm })) test(title, run, 60_000);

const open = () => new lib.Executor({ backend: testing.inlineBackend({ module: () => import('./tasks') }) });

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test('a task of the test’s own import calls the mock of a module', async () => {
  deliver.mockReturnValue('mocked');
  const executor = open();
  expect(await executor.tasks.send('me')).toBe('mocked');
  expect(deliver).toHaveBeenCalledWith('me');
  await executor.shutdown();
});

test('a spy on a task sees its calls, and the restored task runs after it', async () => {
  const executor = open();
  expect(await executor.tasks.greet('me')).toBe('hello me');
  const spy = jest.spyOn(tasks, 'greet').mockReturnValue('spied');
  expect(await executor.tasks.greet('me')).toBe('spied');
  expect(spy).toHaveBeenCalledWith('me');
  spy.mockRestore();
  expect(await executor.tasks.greet('me')).toBe('hello me');
  await executor.shutdown();
});

test('tasks settle on threads while timers are fake, and a timeout follows the fake clock', async () => {
  jest.useFakeTimers();
  const executor = new lib.Executor({ tasks: file });
  expect(await executor.tasks.double(2)).toBe(4);
  expect(jest.getTimerCount()).toBe(0);
  const late = executor.tasks.wait().result({ timeout: 60_000 });
  jest.advanceTimersByTime(60_000);
  await expect(late).rejects.toBeInstanceOf(lib.TimeoutError);
  await executor.terminate();
  expect(jest.getTimerCount()).toBe(0);
}, 60_000);

(process.env.FAILING ? test : test.skip)(
  'a task fails',
  async () => {
    const executor = new lib.Executor({ tasks: file });
    await executor.tasks.fail('no teapot').finally(() => executor.shutdown());
  },
  60_000,
);
