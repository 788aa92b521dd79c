import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mock, test } from 'node:test';
import * as lib from 'rx-futures';
import * as testing from 'rx-futures/testing';
import * as rxjs from 'rxjs';
import checks from './checks.cjs';

const tasks = new URL('./tasks.js', import.meta.url);
for (const [title, run] of checks({ lib, testing, rxjs, tasks, realm: globalThis })) test(title, run);

test('require returns the classes that import returns', () => {
  assert.equal(createRequire(import.meta.url)('rx-futures').Future, lib.Future);
});

test('a task that the test passes calls a mock, and the restored task runs after it', async () => {
  const module = { ...(await import('./tasks.js')) };
  const executor = new lib.Executor({ backend: testing.inlineBackend({ module: () => module }) });
  assert.equal(await executor.tasks.greet('me'), 'hello me');
  const spy = mock.method(module, 'greet', () => 'mocked');
  assert.equal(await executor.tasks.greet('me'), 'mocked');
  assert.deepEqual(spy.mock.calls[0].arguments, ['me']);
  spy.mock.restore();
  assert.equal(await executor.tasks.greet('me'), 'hello me');
  await executor.shutdown();
});

test('with mock timers, tasks settle on threads, and a timeout follows the fake clock', async () => {
  mock.timers.enable();
  const executor = new lib.Executor({ tasks });
  assert.equal(await executor.tasks.double(2), 4);
  const late = executor.tasks.wait().result({ timeout: 60_000 });
  mock.timers.tick(60_000);
  await assert.rejects(late, lib.TimeoutError);
  await executor.terminate();
  mock.timers.reset();
});

test('a task fails', { skip: process.env.FAILING === undefined }, async () => {
  const executor = new lib.Executor({ tasks });
  await executor.tasks.fail('no teapot').finally(() => executor.shutdown());
});
