/** Imports the user's task module on the worker, TypeScript included. */
import { createRequire } from 'node:module';

export type Namespace = Readonly<Record<string, unknown>>;

/**
 * JavaScript is imported as it is. TypeScript is imported as it is where Node strips types (22.18 and later), and through
 * `tsx` where it doesn't, or where the module uses what stripping can't do (enums, `./x.js` that stands for `./x.ts`).
 */
export async function loadModule(url: string): Promise<Namespace> {
  if (!/\.[mc]?ts$/.test(new URL(url).pathname)) return import(url);
  if (stripsTypes()) {
    try {
      return await import(url);
    } catch (error) {
      if (!needsCompiler(error) || !hasTsx()) throw error;
    }
  }
  return throughTsx(url);
}

function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

function needsCompiler(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' || code === 'ERR_MODULE_NOT_FOUND';
}

function hasTsx(): boolean {
  try {
    createRequire(import.meta.url).resolve('tsx/esm/api');
    return true;
  } catch {
    return false;
  }
}

async function throughTsx(url: string): Promise<Namespace> {
  let tsx: typeof import('tsx/esm/api');
  try {
    tsx = await import('tsx/esm/api');
  } catch (cause) {
    throw new Error(
      `${url} is TypeScript, and Node ${process.versions.node} can't run it by itself. Install tsx (npm install tsx), use Node 22.18 or later, or name the compiled .js file in the tasks option.`,
      { cause },
    );
  }
  // Not `--import tsx`: on Node 20 it does not reach worker threads.
  return tsx.tsImport(url, import.meta.url);
}
