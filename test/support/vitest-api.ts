/**
 * `expect` and `vi` of Vitest, without its processes and its loader. They serve tests on other
 * runtimes and in browsers.
 */
import FakeTimers from '@sinonjs/fake-timers';
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
import { fn, spyOn } from '@vitest/spy';
import * as chai from 'chai';
import { until } from './until.js';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
// Vitest's own messages are long enough to show what differs.
chai.config.truncateThreshold = 1_000;

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

type Clock = ReturnType<typeof FakeTimers.install>;

let clock: Clock | undefined;

/** Vitest fakes everything except these by default. */
const REAL = ['nextTick', 'queueMicrotask'];

export const vi = {
  useFakeTimers({ toFake = fakeable(), now = Date.now() }: { toFake?: readonly string[]; now?: number } = {}) {
    clock?.uninstall();
    clock = FakeTimers.install({ toFake: toFake as never, now, ignoreMissingTimers: true } as never);
    return vi;
  },
  useRealTimers() {
    clock?.uninstall();
    clock = undefined;
    return vi;
  },
  advanceTimersByTime: (ms: number) => void clock!.tick(ms),
  getTimerCount: () => clock!.countTimers(),
  runAllTimers: () => void clock!.runAll(),
  runAllTicks: () => void clock!.runMicrotasks(),
  fn,
  mocked: <T>(mock: T) => mock,
  spyOn,
  restoreAllMocks() {},
  async waitFor(check: () => unknown) {
    let reason: unknown;
    const limit = performance.now() + 5_000;
    await until(() => {
      try {
        check();
        return true;
      } catch (error) {
        reason = error;
        if (performance.now() > limit) throw reason;
        return false;
      }
    });
  },
};

function fakeable(): string[] {
  return Object.keys(FakeTimers.timers).filter((name) => !REAL.includes(name));
}
