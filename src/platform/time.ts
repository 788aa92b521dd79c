/**
 * Time. The library has two kinds of timers, because a test may fake the clock of the program that it examines:
 *
 *   - internal timers and microtasks run on the real clock, so that tasks run and settle while a faked clock stands still;
 *   - timers that the user asked for (`timeout`, `delay`) follow the clock that the program sees: `UserTimer` in timers.ts.
 *
 * Every file of the library imports timers from here, never from the global scope; the linter checks it.
 */

const names = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'Date',
] as const;

type Clock = Pick<typeof globalThis, (typeof names)[number]>;

const realClock = unfaked(globalThis);

/** `setTimeout` as it was before a test faked it. */
export const realTimeout = realClock.setTimeout;

// `let`, because a test of the library's own timers replaces them. The bundler keeps them plain variables, so a call costs no lookup.
let { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, queueMicrotask, performance } = realClock;
let SystemDate = realClock.Date;

export { clearInterval, clearTimeout, performance, queueMicrotask, setImmediate, setInterval, setTimeout };

/** Replaces the internal clock, or restores the real one. Only the library's own tests call it. */
export function setInternalClock(clock: Clock = realClock): void {
  ({ setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, queueMicrotask, performance } = clock);
  SystemDate = clock.Date;
}

/**
 * The timers as they were before a test faked them. They are faked already if a test runner does so before it loads the library (Jest's
 * `enableGlobally`). `@sinonjs/fake-timers`, on which Jest, Vitest and Sinon rely, keeps each original beside its fake, under `_<name>`.
 */
function unfaked(scope: Clock): Clock {
  const { clock = {} } = scope.setTimeout as { clock?: Record<string, unknown> };
  return Object.fromEntries(names.map((name) => [name, clock[`_${name}`] ?? scope[name]])) as Clock;
}

/** ms since the epoch, with fractions. All threads of a process share this clock, and it never goes back. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** ms since the epoch by the system's clock, as `Date.now` returns them. Somebody may set this clock back. */
export function wallClock(): number {
  return SystemDate.now();
}
