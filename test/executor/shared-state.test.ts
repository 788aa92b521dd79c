/** What a task gives is what it was at that moment, also where the task goes on with it: results wait for each other on their way home. */
import { expect, it } from 'vitest';
import { open } from '../support/open.js';

it.each(['plain', 'map'] as const)(
  'results are what they were when they were returned: a %s that the module keeps',
  async (kind) => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const { count } = executor.tasks;
    // Known for quick, so that they travel together.
    for (let i = 0; i < 200; i++) await count(kind, 0);
    const results = await Promise.all(Array.from({ length: 100 }, () => count(kind, 1)));
    const counts = results.map((result) => (result instanceof Map ? result.get('n') : result.n));
    expect(counts).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  },
);
