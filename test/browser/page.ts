/** The program of the page: defines the tests, runs them, and reports each result. */
import { Executor } from 'rx-futures';
import { describeBackend } from '../backends/describe-backend.js';
import './guarantees.js';
import { HttpGate } from './http-gate.js';
import { runTest, tests } from './shims/vitest.js';
import { guaranteeSkips, isolatedSkips, skips, unsharedSkips } from './skips.js';

/** Longest time in ms of a test. */
const LIMIT_MS = 20_000;

export interface Result {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
  readonly error?: string;
}

declare global {
  var crossOriginIsolated: boolean;
  function addEventListener(type: string, listen: (event: Event) => void): void;
  /** Functions of run.mjs. */
  var reportResult: (result: Result) => Promise<void>;
  var only: string;
}

const isIsolated = globalThis.crossOriginIsolated;

describeBackend(
  'web workers',
  { open: (options) => ({ executor: new Executor<any>(options) }) },
  {
    skip: [...skips, ...(isIsolated ? isolatedSkips : unsharedSkips)],
    hasExitCodes: false,
    ...(isIsolated ? {} : { makeGate: () => new HttpGate() }),
  },
);

const skipped = guaranteeSkips
  .filter(({ where }) => where === undefined || (where === 'isolated') === isIsolated)
  .flatMap((skip) => skip.tests);
const unknown = skipped.filter((title) => !tests.some((test) => test.title.endsWith(title)));
if (unknown.length > 0) throw new Error(`Skips name tests that do not exist: ${unknown.join(' | ')}`);
const unhandled: unknown[] = [];
globalThis.addEventListener('unhandledrejection', (event) =>
  unhandled.push((event as Event & { reason: unknown }).reason),
);

for (const test of tests) {
  const { title } = test;
  if (globalThis.only !== '' && !title.includes(globalThis.only)) continue;
  if (test.isSkipped || skipped.some((end) => title.endsWith(end))) {
    await globalThis.reportResult({ title, state: 'skipped', ms: 0 });
    continue;
  }
  const start = performance.now();
  let error: string | undefined;
  try {
    await Promise.race([runTest(test), late()]);
    if (unhandled.length > 0) throw unhandled[0];
  } catch (thrown) {
    error = thrown instanceof Error ? `${thrown.stack}` : String(thrown);
  }
  unhandled.length = 0;
  const ms = Math.round(performance.now() - start);
  await globalThis.reportResult({ title, state: error === undefined ? 'passed' : 'failed', ms, error });
}

function late(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`The test did not end within ${LIMIT_MS} ms.`)), LIMIT_MS);
  });
}
