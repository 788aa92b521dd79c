/**
 * How the library uses AsyncLocalStorage, and whether it detects stores that were entered before
 * its import.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

describe('a program that imports the library', () => {
  it('a program that imports the library in a request sees each store only in its own request', async () => {
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

  it('the library detects the first use of a storage by each of its methods', async () => {
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

  it('the methods of AsyncLocalStorage are restored after the first use of a storage', async () => {
    await import('rx-futures');
    const storage = new AsyncLocalStorage<number>();
    expect(storage.run(1, () => storage.getStore())).toBe(1);
    const { run, enterWith } = AsyncLocalStorage.prototype;
    expect([run.name, enterWith.name]).toEqual(['run', 'enterWith']);
    expect(Object.getOwnPropertyDescriptor(AsyncLocalStorage.prototype, 'run')?.enumerable).toBe(false);
  });
});
