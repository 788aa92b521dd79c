import { describe, expect, it } from 'vitest';
import { hasCaller } from '../../src/platform/promise-jobs.js';

/** Returns what `hasCaller` says inside a function that `call` calls, or lets be called. */
async function inside(call: (fn: () => void) => unknown): Promise<boolean> {
  const seen: boolean[] = [];
  const fn = () => void seen.push(hasCaller(fn));
  await call(fn);
  while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  return seen[0]!;
}

describe('hasCaller()', () => {
  it.each<[string, (fn: () => void) => unknown]>([
    ['code calls', (fn) => fn()],
    ['an array method calls', (fn) => [1].forEach(fn)],
  ])('a function that %s has a caller', async (_what, call) => {
    expect(await inside(call)).toBe(true);
  });

  it.each<[string, (fn: () => void) => unknown]>([
    ['a reaction of a promise', (fn) => Promise.resolve().then(fn)],
    ['the `then` of a thenable that is awaited', (fn) => void Promise.resolve({ then: fn })],
  ])('%s has no caller, because the engine calls it', async (_what, call) => {
    expect(await inside(call)).toBe(false);
  });

  it('hasCaller() leaves the settings of Error as they were', async () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    await inside((fn) => fn());
    expect([Error.prepareStackTrace, Error.stackTraceLimit]).toEqual([prepareStackTrace, stackTraceLimit]);
  });
});
