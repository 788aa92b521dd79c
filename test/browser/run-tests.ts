/** Runs tests one after another, and reports each result to run.mjs, which shares them out. */
import { type Skip, topics } from '../backends/describe-backend.js';
import { runTest, type Test, tests } from './shims/vitest.js';

export interface Result {
  readonly title: string;
  /** Path in the repository. */
  readonly file: string;
  /** The part of the conformance suite to which the test belongs. */
  readonly topic?: string | undefined;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
  readonly error?: string | undefined;
  /** Why the test is skipped. */
  readonly reason?: string | undefined;
}

/** The conformance suite adds the reason to the title of a test that it skips. */
const NOT_HERE = / \(not here: (.*)\)$/;

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

/** @param skips tests that are skipped, by the ends of their titles */
export async function runTests(skips: readonly Skip[]): Promise<void> {
  const unhandled: unknown[] = [];
  globalThis.addEventListener('unhandledrejection', (event) =>
    unhandled.push((event as Event & { reason: unknown }).reason),
  );
  const chosen = tests.filter(({ title }) => title.includes(globalThis.only));
  for (;;) {
    const test = chosen[await globalThis.takeTest()];
    if (test === undefined) return;
    const { title, file } = test;
    const reason = reasonOf(test, skips);
    const topic = topics.get(title.split(' > ').at(-1)!.replace(NOT_HERE, ''));
    if (test.isSkipped || reason !== undefined) {
      await globalThis.reportResult({ title, file, topic, state: 'skipped', ms: 0, reason });
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
      error = thrown instanceof Error ? textOf(thrown) : String(thrown);
    }
    unhandled.length = 0;
    const ms = Math.round(performance.now() - start);
    await globalThis.reportResult({ title, file, topic, state: error === undefined ? 'passed' : 'failed', ms, error });
  }
}

function reasonOf({ title, isSkipped }: Test, skips: readonly Skip[]): string | undefined {
  return isSkipped
    ? title.match(NOT_HERE)?.[1]
    : skips.find((skip) => skip.tests.some((end) => title.endsWith(end)))?.reason;
}

/** The stack has no message in Firefox. */
function textOf(error: Error): string {
  const { message, stack = '' } = error;
  return stack.includes(message) ? stack : `${error}\n${stack}`;
}

function late(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`The test did not end within ${globalThis.limit} ms.`)), globalThis.limit);
  });
}
