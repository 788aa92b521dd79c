/** The program of the page: defines the tests, runs them, and reports each result. */
import { Executor } from 'rx-futures';
import { describeBackend } from '../backends/describe-backend.js';
import { HttpGate } from './http-gate.js';
import { finishTest, tests } from './shims/vitest.js';
import { isolatedSkips, skips, unsharedSkips } from './skips.js';

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

const unhandled: unknown[] = [];
addEventListener('unhandledrejection', (event) => unhandled.push((event as Event & { reason: unknown }).reason));

for (const { title, isSkipped, run } of tests) {
  if (globalThis.only !== '' && !title.includes(globalThis.only)) continue;
  if (isSkipped) {
    await globalThis.reportResult({ title, state: 'skipped', ms: 0 });
    continue;
  }
  const start = performance.now();
  let error: string | undefined;
  try {
    await Promise.race([run(), late()]);
    await finishTest();
    if (unhandled.length > 0) throw unhandled[0];
  } catch (thrown) {
    error = thrown instanceof Error ? `${thrown.stack}` : String(thrown);
    await finishTest().catch(() => {});
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
