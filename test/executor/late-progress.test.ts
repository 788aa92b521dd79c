/**
 * Progress that a task reports after its end is dropped, because its slot may belong to another
 * task.
 */
import { Executor, type ExecutorOptions, type Future } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
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
      using gate = new FileGate();
      const second = executor.tasks.reportLate(100, gate.cells);
      const ofSecond = watch(second);
      second.progress.subscribe((value) => value === 'own 100' && gate.open());
      expect(await second).toBe('read');
      for await (const value of executor.tasks.streamLate.stream()) expect(value).toBe(1);
      expect(ofSecond.at(-1)).toBe('own 100');
      expect(ofSecond.every((value) => /^own/.test(String(value)))).toBe(true);
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
