import path from 'node:path';
import * as lib from 'rx-futures';
import { type Executor, Future, TimeoutError } from 'rx-futures';
import * as testing from 'rx-futures/testing';
import * as rxjs from 'rxjs';
import { deliver } from './mailer';
import * as tasks from './tasks';

jest.mock('./mailer');

const checks: (project: object) => [title: string, run: () => Promise<void>][] = require('./checks.cjs');

const file = path.join(__dirname, 'tasks.ts');
const realm = { Array, Error, Map, Object, Set, TypeError, Uint8Array };
for (const [title, run] of checks({ lib, testing, rxjs, tasks: file, realm })) test(title, run, 60_000);

const open = (): Executor<typeof tasks> =>
  new lib.Executor<typeof tasks>({ backend: testing.inlineBackend({ module: () => import('./tasks') }) });

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test('a task of the test’s own import calls the mock of a module', async () => {
  jest.mocked(deliver).mockReturnValue('mocked');
  const executor = open();
  const sent: Future<string> = executor.tasks.send('me');
  expect(sent).toBeInstanceOf(Future);
  expect(await sent).toBe('mocked');
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
  const executor = new lib.Executor<typeof tasks>({ tasks: file });
  expect(await executor.tasks.double(2)).toBe(4);
  expect(jest.getTimerCount()).toBe(0);
  const late = executor.tasks.wait().result({ timeout: 60_000 });
  jest.advanceTimersByTime(60_000);
  await expect(late).rejects.toBeInstanceOf(TimeoutError);
  await executor.terminate();
  expect(jest.getTimerCount()).toBe(0);
}, 60_000);

(process.env.FAILING ? test : test.skip)(
  'a task fails',
  async () => {
    const executor = new lib.Executor<typeof tasks>({ tasks: file });
    await executor.tasks.fail('no teapot').finally(() => executor.shutdown());
  },
  60_000,
);
