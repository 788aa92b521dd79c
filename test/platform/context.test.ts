/** What the library does to AsyncLocalStorage, and what it sees of stores that were entered before it was imported. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

describe('a program that imports the library', () => {
  it('while it handles a request sees each store where it belongs, and no store outside of requests', async () => {
    const { code, lines, stderr } = await runProgram(new URL('../fixtures/programs/late-import.js', import.meta.url));
    expect(stderr).toBe('');
    expect(lines).toEqual([
      'first: first',
      'second: second',
      'none: undefined',
      'entered: entered',
      'none again: undefined',
    ]);
    expect(code).toBe(0);
  });

  it('sees the first use of a storage by each of its methods', async () => {
    const program = new URL('../fixtures/programs/first-use.js', import.meta.url);
    for (const method of ['run', 'enterWith', 'withScope']) {
      if (!(method in AsyncLocalStorage.prototype)) continue;
      const { lines, stderr } = await runProgram(program, { args: [method] });
      expect([method, ...lines, stderr]).toEqual([
        method,
        'before: undefined',
        'callback: mine',
        'subscriber: mine',
        '',
      ]);
    }
  });

  it('finds the methods of AsyncLocalStorage as they were after the first use of a storage', async () => {
    await import('rx-futures');
    const storage = new AsyncLocalStorage<number>();
    expect(storage.run(1, () => storage.getStore())).toBe(1);
    const { run, enterWith } = AsyncLocalStorage.prototype;
    expect([run.name, enterWith.name]).toEqual(['run', 'enterWith']);
    expect(Object.getOwnPropertyDescriptor(AsyncLocalStorage.prototype, 'run')?.enumerable).toBe(false);
  });
});
