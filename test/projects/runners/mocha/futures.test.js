import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';
import * as lib from 'rx-futures';
import * as testing from 'rx-futures/testing';
import * as rxjs from 'rxjs';
import checks from './checks.cjs';

const tasks = new URL('./tasks.js', import.meta.url);

describe('rx-futures', function () {
  this.timeout(60_000);

  for (const [title, run] of checks({ lib, testing, rxjs, tasks, realm: globalThis })) it(title, run);

  it('require returns the classes that import returns', () => {
    assert.equal(createRequire(import.meta.url)('rx-futures').Future, lib.Future);
  });

  it('a task that the test passes calls a stub', async () => {
    const module = { ...(await import('./tasks.js')), greet: () => 'stubbed' };
    const executor = new lib.Executor({ backend: testing.inlineBackend({ module: () => module }) });
    assert.equal(await executor.tasks.greet('me'), 'stubbed');
    await executor.shutdown();
  });

  it('with the default fake timers of Sinon, tasks settle on threads, and a timeout follows the fake clock', async () => {
    const clock = FakeTimers.install();
    const executor = new lib.Executor({ tasks });
    assert.equal(await executor.tasks.double(2), 4);
    assert.equal(clock.countTimers(), 0);
    const late = executor.tasks.wait().result({ timeout: 60_000 });
    clock.tick(60_000);
    await assert.rejects(late, lib.TimeoutError);
    await executor.terminate();
    assert.equal(clock.countTimers(), 0);
    clock.uninstall();
  });

  if (process.env.FAILING !== undefined) {
    it('a task fails', async () => {
      const executor = new lib.Executor({ tasks });
      await executor.tasks.fail('no teapot').finally(() => executor.shutdown());
    });
  }
});
