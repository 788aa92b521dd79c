/**
 * Progress that a task reports after its end is dropped, because its slot may belong to another
 * task.
 */
import { Executor, type ExecutorOptions, type Future } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { fixture } from '../support/open.js';

const backends: readonly [string, () => ExecutorOptions][] = [
  ['a thread', () => ({})],
  ['a child process', () => ({ runtime: 'child_process' })],
  ['the calling thread', () => ({ backend: inlineBackend() })],
];

describe.each(backends)('progress that a finished task on %s reports', (_, options) => {
  it.each([1, 100])(
    "a late report reaches neither the task's own future nor that of the next task (after %d reports)",
    async (times) => {
      const tasks = fixture('late.js');
      await using executor = new Executor<typeof import('../fixtures/late.js')>({ tasks, maxWorkers: 1, ...options() });
      const first = executor.tasks.report(times);
      const ofFirst = watch(first);
      await first;
      const second = executor.tasks.reportLate();
      const ofSecond = watch(second);
      expect(await second).toBe('read');
      for await (const value of executor.tasks.streamLate.stream()) expect(value).toBe(1);
      expect(ofSecond).toEqual(['own']);
      expect(ofFirst.at(-1)).toBe(`before ${times}`);
      expect(ofFirst.every((value) => /^before/.test(String(value)))).toBe(true);
    },
  );
});

function watch(future: Future<unknown>): unknown[] {
  const seen: unknown[] = [];
  future.progress.subscribe((value) => seen.push(value));
  return seen;
}
