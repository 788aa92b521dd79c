/**
 * Small values travel through shared memory, and all other values through a port
 * (docs/internals/mailbox.md). Tasks and callers must not notice.
 */
import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { open } from '../support/open.js';

const values = [
  (i: number) => i,
  (i: number) => `text ${i}`,
  (i: number) => new Map([[i, new Date(i)]]),
  (i: number) => 'x'.repeat(200 + i),
  (i: number) => ({ id: i, tags: ['a', null, undefined, -0] }),
  (i: number) => new Uint8Array(100_000).fill(i),
  () => undefined,
];

it('small and large values arrive whole and in order, however they alternate', async () => {
  await using executor = open('values.js', { maxWorkers: 1 });
  const settled: number[] = [];
  const sent = Array.from({ length: 600 }, (_, i) => values[(i * i + (i >> 3)) % values.length]!(i));
  const turns = sent.map(async (value, i) => {
    // Each call comes from its own turn of the event loop.
    for (let turn = 0; turn < i >> 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    const result = await executor.tasks.echo(value);
    settled.push(i);
    // toEqual() takes seconds for large byte arrays.
    expect(isDeepStrictEqual(result, value)).toBe(true);
  });
  await Promise.all(turns);
  expect(settled).toEqual(sent.map((_, i) => i));
});

it('results that were written before the end of a worker arrive', async () => {
  await using executor = open('dying.js', { maxWorkers: 1 });
  for (let i = 0; i < 20; i++) {
    // The worker knows the function as quick, so the results wait for each other.
    for (let j = 0; j < 50; j++) await executor.tasks.add(j, 1);
    const sums = Array.from({ length: 5 }, (_, j) => executor.tasks.add(i, j));
    const dying = executor.tasks.exit(3);
    expect(await Promise.all(sums)).toEqual([i, i + 1, i + 2, i + 3, i + 4]);
    await expect(dying).rejects.toMatchObject({ name: 'WorkerDiedError' });
  }
});

it('neither side polls while no task is in flight', async () => {
  const started = once(process, 'worker');
  await using executor = open('values.js', { maxWorkers: 1 });
  // Tasks that follow one another closely make both sides poll.
  for (let i = 0; i < 200; i++) await executor.tasks.echo(i);
  await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('Immediate'));
  const [thread] = (await started) as [Worker];
  const utilization = () => thread.performance.eventLoopUtilization();
  const asleep = utilization();
  // The worker blocks for a few ms before it falls asleep. Blocking counts as active.
  await vi.waitFor(() => expect(utilization().idle).toBeGreaterThan(asleep.idle));
  const before = utilization();
  await vi.waitFor(() => expect(utilization().idle - before.idle).toBeGreaterThan(200));
  expect(utilization().active - before.active).toBeLessThan(20);
});
