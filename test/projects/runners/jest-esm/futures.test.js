import { createRequire } from 'node:module';
import { SourceTextModule } from 'node:vm';
import { jest } from '@jest/globals';
import * as lib from 'rx-futures';
import * as testing from 'rx-futures/testing';
import * as rxjs from 'rxjs';
import checks from './checks.cjs';

jest.unstable_mockModule('./mailer.js', () => ({ deliver: jest.fn() }));
const { deliver } = await import('./mailer.js');

const tasks = new URL('./tasks.js', import.meta.url);
const realm = { Array, Error, Map, Object, Set, TypeError, Uint8Array };
for (const [title, run] of checks({ lib, testing, rxjs, tasks, realm })) test(title, run, 60_000);

// On an older Node, Jest can't require an ES module, so `require` returns the CommonJS build.
const loadsEsm = 'linkRequests' in (SourceTextModule?.prototype ?? {});

(loadsEsm ? test : test.skip)('require returns the classes that import returns', () => {
  expect(createRequire(import.meta.url)('rx-futures').Future).toBe(lib.Future);
});

test('a task of the test’s own import calls the mock of a module', async () => {
  deliver.mockReturnValue('mocked');
  const executor = new lib.Executor({ backend: testing.inlineBackend({ module: () => import('./tasks.js') }) });
  expect(await executor.tasks.send('me')).toBe('mocked');
  expect(deliver).toHaveBeenCalledWith('me');
  await executor.shutdown();
});

test('tasks settle on threads while timers are fake, and a timeout follows the fake clock', async () => {
  jest.useFakeTimers();
  const executor = new lib.Executor({ tasks });
  expect(await executor.tasks.double(2)).toBe(4);
  expect(jest.getTimerCount()).toBe(0);
  const late = executor.tasks.wait().result({ timeout: 60_000 });
  jest.advanceTimersByTime(60_000);
  await expect(late).rejects.toBeInstanceOf(lib.TimeoutError);
  await executor.terminate();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
}, 60_000);

(process.env.FAILING ? test : test.skip)(
  'a task fails',
  async () => {
    const executor = new lib.Executor({ tasks });
    await executor.tasks.fail('no teapot').finally(() => executor.shutdown());
  },
  60_000,
);
