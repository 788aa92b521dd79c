// @ts-check
/** The files of guarantees that do not run in a browser, with the reasons. */
import { readFileSync } from 'node:fs';
import { guaranteesOf } from '../../scripts/runtime-table.mjs';

/**
 * Files that do not run on an isolated page. All others are in guarantees.ts.
 *
 * @type {readonly { readonly reason: string, readonly files: readonly string[] }[]}
 */
export const onNodeOnly = [
  {
    reason: 'the tests run programs of Node',
    files: ['g05-closed-ports', 'g10-nothing-silent', 'g13-process-life', 'g15-flat-memory', 'g25-fake-clocks'],
  },
  {
    reason: 'the tests use modules of Node that a browser does not have',
    files: [
      'g03-callbacks',
      'g05-moved-handles',
      'g05-reentrancy',
      'g09-errors',
      'g12-large',
      'g12-taken',
      'g23-context',
    ],
  },
  {
    reason: 'the tests look into the messages or the memory of threads of Node',
    files: ['g18-shared', 'g19-keys', 'g20-streams-as-arguments', 'g20-waiting-for-each-other'],
  },
  {
    reason: 'an uncaught error ends a web worker at once, so the conformance suite below has the other half',
    files: ['g05-leaving-workers'],
  },
  {
    reason: 'the tests use a runner of Node',
    files: ['test/promises-aplus.test.ts'],
  },
  {
    reason: 'the tests are of the scheduler alone, in virtual time, which is the same everywhere',
    files: ['test/scheduling/termination/lingering-tasks.test.ts'],
  },
].map(({ reason, files }) => ({
  reason,
  files: files.map((file) => (file.includes('/') ? file : `test/guarantees/${file}.test.ts`)),
}));

/**
 * @param {string} mode
 * @returns {{ file: string, reason: string }[]}
 */
export function filesNotRun(mode) {
  if (mode === 'isolated') return onNodeOnly.flatMap(({ reason, files }) => files.map((file) => ({ file, reason })));
  const reason = 'the gates of the tests are in shared memory, so the conformance suite below is the proof';
  const guarantees = readFileSync(new URL('../../docs/guarantees.md', import.meta.url), 'utf8');
  return guaranteesOf(guarantees).flatMap(({ files }) => files.map((file) => ({ file, reason })));
}
