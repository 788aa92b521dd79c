import { createRequire } from 'node:module';
import { parse } from 'node:path';
import * as lib from 'rx-futures';
import * as testing from 'rx-futures/testing';
import * as rxjs from 'rxjs';
import { afterEach, expect, test, vi } from 'vitest';
import checks from './checks.cjs';
import { deliver } from './mailer.js';
import * as tasks from './tasks.js';

vi.mock('./mailer.js', () => ({ deliver: vi.fn() }));

const file = new URL('./tasks.js', import.meta.url);
const realm = { Array, Error, Map, Object, Set, TypeError, Uint8Array };
for (const [title, run] of checks({ lib, testing, rxjs, tasks: file, realm })) test(title, { timeout: 60_000 }, run);

const open = () => new lib.Executor({ backend: testing.inlineBackend({ module: () => import('./tasks.js') }) });

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

// The `require` of Vitest's pool vmThreads can't load an ES module.
const isSandboxed = !(parse('') instanceof Object);

test.skipIf(isSandboxed)('require returns the classes that import returns', () => {
  expect(createRequire(import.meta.url)('rx-futures').Future).toBe(lib.Future);
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
  const spy = vi.spyOn(tasks, 'greet').mockReturnValue('spied');
  expect(await executor.tasks.greet('me')).toBe('spied');
  expect(spy).toHaveBeenCalledWith('me');
  spy.mockRestore();
  expect(await executor.tasks.greet('me')).toBe('hello me');
  await executor.shutdown();
});

test('tasks settle on threads while timers are fake, and a timeout follows the fake clock', {
  timeout: 60_000,
}, async () => {
  vi.useFakeTimers();
  const executor = new lib.Executor({ tasks: file });
  expect(await executor.tasks.double(2)).toBe(4);
  expect(vi.getTimerCount()).toBe(0);
  const late = executor.tasks.wait().result({ timeout: 60_000 });
  vi.advanceTimersByTime(60_000);
  await expect(late).rejects.toBeInstanceOf(lib.TimeoutError);
  await executor.terminate();
  expect(vi.getTimerCount()).toBe(0);
});

test.runIf(process.env.FAILING)('a task fails', { timeout: 60_000 }, async () => {
  const executor = new lib.Executor({ tasks: file });
  await executor.tasks.fail('no teapot').finally(() => executor.shutdown());
});
