/** Runs tests one after another, and reports each result to run.mjs, which shares them out. */
import { runTest, tests } from './shims/vitest.js';

export interface Result {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
  readonly error?: string;
}

declare global {
  var crossOriginIsolated: boolean;
  function addEventListener(type: string, listen: (event: Event) => void): void;
  /** Functions and values of run.mjs. `takeTest` returns the index of the next test of a page. */
  function takeTest(): Promise<number>;
  function reportStart(title: string): Promise<void>;
  function reportResult(result: Result): Promise<void>;
  var only: string;
  /** Longest time in ms of a test. */
  var limit: number;
}

/** @param skipped the ends of the titles of tests that are skipped */
export async function runTests(skipped: readonly string[]): Promise<void> {
  const unhandled: unknown[] = [];
  globalThis.addEventListener('unhandledrejection', (event) =>
    unhandled.push((event as Event & { reason: unknown }).reason),
  );
  const chosen = tests.filter(({ title }) => title.includes(globalThis.only));
  for (;;) {
    const test = chosen[await globalThis.takeTest()];
    if (test === undefined) return;
    const { title } = test;
    if (test.isSkipped || skipped.some((end) => title.endsWith(end))) {
      await globalThis.reportResult({ title, state: 'skipped', ms: 0 });
      continue;
    }
    void globalThis.reportStart(title);
    const start = performance.now();
    let error: string | undefined;
    try {
      // The limit starts before the test, which may fake the timers.
      const limit = late();
      await Promise.race([runTest(test), limit]);
      if (unhandled.length > 0) throw unhandled[0];
    } catch (thrown) {
      error = thrown instanceof Error ? `${thrown.stack}` : String(thrown);
    }
    unhandled.length = 0;
    const ms = Math.round(performance.now() - start);
    await globalThis.reportResult({ title, state: error === undefined ? 'passed' : 'failed', ms, error });
  }
}

function late(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`The test did not end within ${globalThis.limit} ms.`)), globalThis.limit);
  });
}
