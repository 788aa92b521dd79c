/**
 * Loads modules in the sandbox of a test runner that runs CommonJS. Jest evaluates each file in a
 * context of node:vm, and `import()` throws there unless Node was started with
 * `--experimental-vm-modules`.
 */
import { createRequire } from 'node:module';

/** Returns true for the error with which Node refuses `import()` in a sandbox. */
export function isImportRefused(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && code.startsWith('ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING');
}

/** Loads a module with the `require` of the sandbox, so that its transforms and mocks apply. */
export function requireInSandbox(specifier: string): object {
  return createRequire(import.meta.url)(specifier);
}
