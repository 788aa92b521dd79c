import { describe, expect, it } from 'vitest';
import { loadModule } from '../../src/worker/load-module.js';
import { fixture } from '../support/open.js';

describe('loadModule', () => {
  it('JavaScript is imported as it is, from a file or from a data: URL', async () => {
    expect(await loadModule(fixture('gates.js').href)).toHaveProperty('add');
    expect(await loadModule('data:text/javascript,export const one = 1')).toMatchObject({ one: 1 });
  });

  it('TypeScript that needs a compiler is imported through tsx', async () => {
    const namespace = await loadModule(fixture('typescript/tasks.ts').href);
    expect(Object.values(namespace).some((value) => typeof value === 'function')).toBe(true);
  });

  it.each(['not-there.js', 'not-there.ts'])('a missing module %s rejects', async (name) => {
    await expect(loadModule(fixture(name).href)).rejects.toThrow(/not-there/);
  });
});
