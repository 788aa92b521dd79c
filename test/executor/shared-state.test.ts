/**
 * A result is copied when the task returns it. Results wait for each other before they are sent,
 * and the task may change its object meanwhile.
 */
import { expect, it } from 'vitest';
import { open } from '../support/open.js';

it.each(['plain', 'map'] as const)(
  'a result is as it was when it was returned, even if the module keeps changing it (%s)',
  async (kind) => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const { count } = executor.tasks;
    // After 200 runs the task is known to be quick, so that its results share a message.
    for (let i = 0; i < 200; i++) await count(kind, 0);
    const results = await Promise.all(Array.from({ length: 100 }, () => count(kind, 1)));
    const counts = results.map((result) => (result instanceof Map ? result.get('n') : result.n));
    expect(counts).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  },
);
