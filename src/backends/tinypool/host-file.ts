/** Finds the file of dist that a worker runs. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const found = new Map<string, string>();

/**
 * Returns the path of the file that a worker runs. The file is beside this code in dist. Sources
 * that run without a build (tests) use the built file.
 *
 * @throws Error if the file is in neither place
 */
export function pathOfHost(file: string): string {
  const path = found.get(file) ?? [`./${file}`, `../../../dist/${file}`].map(pathBesideThis).find(existsSync);
  if (path === undefined) {
    throw new Error(
      `rx-futures: the file "${file}" is missing beside the library, because a bundler left it out. ${ADVICE}`,
    );
  }
  found.set(file, path);
  return path;
}

/** Advice for a program that is bundled together with the library. */
export const ADVICE =
  'Replace the option "tasks" by the option "worker", which bundlers understand: worker: () => new Worker(new URL(\'./tasks.worker.js\', import.meta.url)). Or mark rx-futures and tinypool as external, so that the program loads them from node_modules.';

/**
 * Returns the path of a file beside this code. Returns an empty string if this code has no file of
 * its own: in a CommonJS bundle, `import.meta.url` is undefined.
 */
function pathBesideThis(path: string): string {
  try {
    return fileURLToPath(new URL(path, import.meta.url));
  } catch {
    return '';
  }
}
