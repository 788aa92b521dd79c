/** Options that Bun refuses, and a function of Bun that throws. */
import { Deferred, Executor } from 'rx-futures';
import { expect, it } from 'vitest';

it('child processes are refused with a TypeError that names the option and the reason', () => {
  const open = () => new Executor({ runtime: 'child_process' });
  expect(open).toThrow(TypeError);
  expect(open).toThrow(/option "runtime": 'child_process' works on Node only, because Bun [\d.]+ has no Serializer/);
});

it('resourceLimits are refused with a TypeError that names the limits', () => {
  const open = () => new Executor({ resourceLimits: { maxOldGenerationSizeMb: 64 } });
  expect(open).toThrow(TypeError);
  expect(open).toThrow(/the threads of Bun [\d.]+ have no limits, so maxOldGenerationSizeMb would have no effect/);
});

it('a Deferred that was resolved with a thenable can be awaited, although Bun refuses hooks of promises', async () => {
  const deferred = new Deferred<string>();
  deferred.resolve({ then: (resolved) => resolved!('a value') as never });
  expect(await deferred.future).toBe('a value');
});
