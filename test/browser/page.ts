/** The program of a page: the conformance suite, guarantees, and the tests of browsers alone. */
import { Executor } from 'rx-futures';
import { describeBackend } from '../backends/describe-backend.js';
import './own.js';
import { HttpGate } from './http-gate.js';
import { runTests } from './run-tests.js';
import { tests } from './shims/vitest.js';
import { guaranteeSkips, isolatedSkips, skips, unsharedSkips } from './skips.js';

const isIsolated = globalThis.crossOriginIsolated;

// The gates of these tests are in shared memory. Without it, the conformance suite is the proof, as
// for child processes.
if (isIsolated) await import('./guarantees.js');

describeBackend(
  'web workers',
  { open: (options) => ({ executor: new Executor<any>(options) }) },
  {
    skip: [...skips, ...(isIsolated ? isolatedSkips : unsharedSkips)],
    hasExitCodes: false,
    ...(isIsolated ? {} : { makeGate: () => new HttpGate() }),
  },
);

const skipped = isIsolated ? guaranteeSkips.flatMap((skip) => skip.tests) : [];
const ofChildProcesses = tests.map(({ title }) => title).filter((title) => /child.process/.test(title));
const unknown = skipped.filter((title) => !tests.some((test) => test.title.endsWith(title)));
if (unknown.length > 0) throw new Error(`Skips name tests that do not exist: ${unknown.join(' | ')}`);
await runTests([...skipped, ...ofChildProcesses]);
