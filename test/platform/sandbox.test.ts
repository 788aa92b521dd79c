import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { isImportRefused, requireInSandbox } from '../../src/platform/sandbox.js';

it('the error of import() in a sandbox without modules is recognized', async () => {
  const error = await runInNewContext("import('node:fs')").catch((reason: unknown) => reason);
  expect(isImportRefused(error)).toBe(true);
});

it.each([[new Error('no')], [{ code: 'ERR_MODULE_NOT_FOUND' }], [undefined], [null], [{ code: 1 }]])(
  'another error is not mistaken for a refused import: %s',
  (error) => {
    expect(isImportRefused(error)).toBe(false);
  },
);

it('a module that import() can’t load is loaded with require', () => {
  const file = fileURLToPath(new URL('../fixtures/consumers/main.cjs', import.meta.url));
  expect(() => requireInSandbox(`${file}.missing`)).toThrow(/Cannot find module/);
  expect(requireInSandbox('node:path')).toHaveProperty('join');
});
