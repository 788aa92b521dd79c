/** Imports the user's task module on the worker, including TypeScript. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isImportRefused, requireInSandbox } from './sandbox.js';

/** Optional, so it is not a literal in `import()`: bundlers would look for the package. */
const TSX: string = 'tsx/esm/api';

export type Namespace = Readonly<Record<string, unknown>>;

/**
 * Imports a module. JavaScript is imported as it is, and so is TypeScript if Node strips types
 * (22.18 and later).
 *
 * Other TypeScript is imported through `tsx`. So is a module that needs more than stripped types:
 *
 *   - enums
 *   - `./x.js` that stands for `./x.ts`
 *   - an imported type without `type`
 *   - `await using` before Node 24
 *
 * In a sandbox without `import()`, the sandbox loads the module, TypeScript included.
 */
export async function loadModule(url: string): Promise<Namespace> {
  try {
    return await importModule(url);
  } catch (error) {
    if (!isImportRefused(error)) throw error;
    return requireInSandbox(fileURLToPath(url)) as Namespace;
  }
}

async function importModule(url: string): Promise<Namespace> {
  if (!/\.[mc]?ts$/.test(new URL(url).pathname)) return importAsIs(url);
  if (stripsTypes()) {
    try {
      return await importAsIs(url);
    } catch (error) {
      if (!needsCompiler(error) || !hasTsx()) throw error;
    }
  }
  return throughTsx(url);
}

/**
 * Imports a module whose address is known only at run time. The comments keep webpack, Vite and
 * Turbopack from replacing the call by a search among the files of the bundle, which would find
 * nothing. The build of this library keeps them.
 */
function importAsIs(url: string): Promise<Namespace> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ /* turbopackIgnore: true */ url);
}

function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

function needsCompiler(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return (
    code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' || code === 'ERR_MODULE_NOT_FOUND' || error instanceof SyntaxError
  );
}

function hasTsx(): boolean {
  try {
    createRequire(import.meta.url).resolve(TSX);
    return true;
  } catch {
    return false;
  }
}

async function throughTsx(url: string): Promise<Namespace> {
  let tsx: typeof import('tsx/esm/api');
  try {
    tsx = (await importAsIs(TSX)) as typeof tsx;
  } catch (cause) {
    if (isImportRefused(cause)) throw cause;
    throw new Error(
      `Task module "${url}" is TypeScript, which Node ${process.versions.node} can't run by itself. Install tsx (npm install tsx), use Node 22.18 or later, or set the tasks option to the compiled .js file.`,
      { cause },
    );
  }
  // The option `--import tsx` would be simpler, but on Node 20 it does not reach worker threads.
  return tsx.tsImport(url, import.meta.url);
}
