/**
 * G16: `then` passes promises-aplus-tests, through a Deferred. The suite is written for mocha, so
 * mocha runs it inside this one test. The results are counted, so that a suite that did not run is
 * not mistaken for a suite that passed.
 */
import { createRequire } from 'node:module';
import { Deferred } from 'rx-futures';
import { expect, it } from 'vitest';

const TESTS = 872;

it(`G16 a Deferred passes ${TESTS} of ${TESTS} tests of Promises/A+`, async () => {
  const { passed, failed } = await runSuite();
  expect(failed).toEqual([]);
  expect(passed).toBe(TESTS);
}, 60_000);

/** The part of mocha's runner that a reporter needs. */
interface Runner {
  on(event: 'pass', listener: () => void): void;
  on(event: 'fail', listener: (test: { fullTitle(): string }, error: unknown) => void): void;
}

type Suite = (adapter: object, options: object, done: () => void) => void;

async function runSuite(): Promise<{ passed: number; failed: string[] }> {
  const suite: Suite = createRequire(import.meta.url)('promises-aplus-tests');
  let passed = 0;
  const failed: string[] = [];
  function reporter(runner: Runner): void {
    runner.on('pass', () => passed++);
    runner.on('fail', (test, error) => failed.push(`${test.fullTitle()}: ${String(error)}`));
  }
  using _ = ignoreUnhandledRejections();
  await new Promise<void>((resolve) => suite(adapter, { reporter }, resolve));
  // Node reports unhandled rejections after the microtasks of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  return { passed, failed };
}

const adapter = {
  deferred() {
    const deferred = new Deferred<unknown>();
    return {
      promise: deferred.future,
      resolve: (value: unknown) => deferred.resolve(value),
      reject: (reason: unknown) => deferred.reject(reason),
    };
  },
};

/** The suite deliberately leaves many rejected promises without a handler. */
function ignoreUnhandledRejections(): Disposable {
  const listeners = process.listeners('unhandledRejection');
  const ignore = () => {};
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', ignore);
  return {
    [Symbol.dispose]() {
      process.off('unhandledRejection', ignore);
      for (const listener of listeners) process.on('unhandledRejection', listener);
    },
  };
}
