/** Faults that the library avoids on Deno, and an option that it refuses. */
import { Executor } from 'rx-futures';
import { expect, it } from 'vitest';
import { open } from '../../support/open.js';

it('child processes are refused with a TypeError that names the option and the reason', () => {
  const refused = () => new Executor({ runtime: 'child_process' });
  expect(refused).toThrow(TypeError);
  expect(refused).toThrow(/option "runtime": 'child_process' works on Node only, because Deno [\d.]+ ends the program/);
});

it('2,000 SharedArrayBuffers travel to a worker and back, and none is lost', async () => {
  await using executor = new Executor({ maxWorkers: 2 });
  const add = (memory: SharedArrayBuffer, n: number) => {
    Atomics.add(new Int32Array(memory), 0, n);
    return memory;
  };
  const futures = Array.from({ length: 2_000 }, (_, n) => executor.submit(add, new SharedArrayBuffer(4), n));
  const sums = (await Promise.all(futures)).map((memory) => new Int32Array(memory)[0]);
  expect(sums).toEqual(futures.map((_, n) => n));
});

it('tasks of one key start in their order, also while messages of other tasks arrive', async () => {
  await using executor = open('gates.js', { maxWorkers: 2 });
  const started: number[] = [];
  const note = (n: number) => {
    const { log } = Object.assign(globalThis, { log: (globalThis as { log?: number[] }).log ?? [] });
    log.push(n);
    return log;
  };
  for (let round = 0; round < 100; round++) {
    const large = new Uint8Array(1_000);
    const futures = Array.from({ length: 20 }, (_, i) => executor.with({ key: 'a' }).submit(note, round * 20 + i));
    const others = Array.from({ length: 5 }, () => executor.submit((bytes: Uint8Array) => bytes.length, large));
    await Promise.all([...futures, ...others]);
  }
  started.push(...(await executor.with({ key: 'a' }).submit(note, 2_000)));
  expect(started).toEqual(Array.from({ length: 2_001 }, (_, n) => n));
});
