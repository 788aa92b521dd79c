// @ts-check
/** Which files run on a runtime: the selection of CI, those of the tables, and all. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The selection of CI. It covers what a runtime has to do for the library: messages and their
 * order, shared memory, and the ends of threads. The whole suite costs Deno 86 s of processor time.
 */
export const quick = {
  files: ['test/backends/threads.test', 'test/guarantees/g05-worker-ends.test'],
  topics: ['results', 'ends of workers', 'cancellation', 'stream arguments'],
};

/**
 * Returns the conformance suite on each backend, the guarantees, and the tests of one runtime
 * alone.
 *
 * @param {string} name the name of the runtime
 */
export function allFiles(name) {
  // Bun and Deno refuse child processes, which a test of own/ shows.
  const processes = name === 'node' ? ['processes'] : [];
  const backends = ['threads', 'factory', 'inline', 'inline-module', ...processes];
  return [...backends.map((backend) => `test/backends/${backend}.test`), ...guaranteeFiles(), ...ownFiles(name)];
}

/** Returns what the tables of docs/runtimes.md show: the suite on threads, and the guarantees. */
export function tableFiles() {
  return ['test/backends/threads.test', ...guaranteeFiles()];
}

function guaranteeFiles() {
  const files = readdirSync(path.join(root, 'test/guarantees')).filter((file) => file.endsWith('.test.ts'));
  return [
    ...files.map((file) => `test/guarantees/${path.basename(file, '.ts')}`),
    'test/promises-aplus.test',
    'test/scheduling/termination/lingering-tasks.test',
  ];
}

/** @param {string} name */
export function ownFiles(name) {
  return [`test/runtimes/own/${name}`].filter((file) => existsSync(path.join(root, `${file}.ts`)));
}
