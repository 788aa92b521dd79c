/** The program of a page: the conformance suite, guarantees, and the tests of browsers alone. */
import { Executor } from 'rx-futures';
import { describeBackend } from '../backends/describe-backend.js';
import './own.js';
import { HttpGate } from './http-gate.js';
import { runTests } from './run-tests.js';
import { startFile, tests } from './shims/vitest.js';
import { guaranteeSkips, isolatedSkips, skips, unsharedSkips } from './skips.js';

const isIsolated = globalThis.crossOriginIsolated;

// The gates of these tests are in shared memory. Without it, the conformance suite is the proof, as
// for child processes.
if (isIsolated) await import('./guarantees.js');

startFile('test/browser/page.ts');
describeBackend(
  'web workers',
  { open: (options) => ({ executor: new Executor<any>(options) }) },
  {
    skip: [...skips, ...(isIsolated ? isolatedSkips : unsharedSkips)],
    hasExitCodes: false,
    ...(isIsolated ? {} : { makeGate: () => new HttpGate() }),
  },
);

const skipped = isIsolated ? guaranteeSkips : [];
const unknown = skipped.flatMap((skip) => skip.tests).filter((end) => !tests.some(({ title }) => title.endsWith(end)));
if (unknown.length > 0) throw new Error(`Skips name tests that do not exist: ${unknown.join(' | ')}`);
const ofChildProcesses = tests.map(({ title }) => title).filter((title) => /child.process/.test(title));
await runTests([...skipped, { reason: 'a browser has no child processes', tests: ofChildProcesses }]);
