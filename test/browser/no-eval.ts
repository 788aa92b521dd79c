/** The program of a page whose Content-Security-Policy forbids eval. */
import { Executor, SerializationError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { runTests } from './run-tests.js';

const tasks = new URL('../fixtures/web.js', import.meta.url);

describe('without eval', () => {
  it('exports of a module run', async () => {
    await using executor = new Executor<typeof import('./tasks.js')>({ tasks, maxWorkers: 1 });
    expect(await executor.tasks.add(1, 2)).toBe(3);
  });

  it('a function that is sent as text rejects with a SerializationError that says what to do', async () => {
    await using executor = new Executor<typeof import('./tasks.js')>({ tasks, maxWorkers: 1 });
    const error = await executor
      .submit(function double(n: number) {
        return 2 * n;
      }, 1)
      .catch((error) => error);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error.message).toMatch(
      /^A worker can't run function "double", .* Export the function from the task module\.$/,
    );
    expect(await executor.tasks.add(1, 2)).toBe(3);
  });
});

await runTests([]);
