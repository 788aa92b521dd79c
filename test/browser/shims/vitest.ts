/** The parts of Vitest that the conformance suite uses, in a browser. */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  addCustomEqualityTesters,
  customMatchers,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import * as chai from 'chai';
import FakeTimers from '@sinonjs/fake-timers';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect: any = (value: unknown, message?: string) => chai.expect(value, message);
Object.assign(expect, chai.expect, (globalThis as any)[ASYMMETRIC_MATCHERS_OBJECT]);
expect.getState = () => getState(expect);
expect.setState = (state: object) => setState(state as never, expect);
expect.assert = chai.assert;
expect.addEqualityTesters = addCustomEqualityTesters;
setState({ assertionCalls: 0, isExpectingAssertions: false } as never, expect);
expect.extend = (matchers: object) => (chai.expect as any).extend(expect, matchers);
(globalThis as any)[GLOBAL_EXPECT] = expect;
expect.extend(customMatchers);

export interface Test {
  readonly title: string;
  readonly isSkipped: boolean;
  readonly run: () => unknown;
}

/** All tests, in their order. */
export const tests: Test[] = [];
let finished: (() => unknown)[] = [];

export function describe(_title: string, define: () => void): void {
  define();
}

export function it(title: string, ...rest: unknown[]): void {
  tests.push({ title, isSkipped: false, run: rest.findLast((part) => typeof part === 'function') as () => unknown });
}

it.skip = (title: string, run: () => unknown): void => {
  tests.push({ title, isSkipped: true, run });
};

export { it as test };

export function onTestFinished(callback: () => unknown): void {
  finished.push(callback);
}

/** Calls what `onTestFinished` has received, the last one first. */
export async function finishTest(): Promise<void> {
  const callbacks = finished.reverse();
  finished = [];
  for (const callback of callbacks) await callback();
}

let clock: { uninstall(): void; tick(ms: number): void } | undefined;

export const vi = {
  useFakeTimers({ toFake }: { toFake?: string[] } = {}) {
    clock = (FakeTimers as any).install({ toFake });
  },
  advanceTimersByTime(ms: number) {
    clock!.tick(ms);
  },
  useRealTimers() {
    clock?.uninstall();
    clock = undefined;
  },
};
