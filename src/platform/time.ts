/**
 * Time. The library has two kinds of timers, because a test may fake the clock of the program under
 * test:
 *
 *   - Internal timers and microtasks run on the real clock, so that tasks run and settle while a
 *     faked clock stands still.
 *   - Timers that the user asked for (`timeout`, `delay`) follow the clock that the program sees.
 *     See `UserTimer` in timers.ts.
 *
 * The files of the library import timers from here. Only the files of a queue also import pauses
 * from `node:timers/promises`. The linter refuses all other timers.
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

const realClock: Clock = { ...unfaked(globalThis), queueMicrotask: afterTurn };

const settled = Promise.resolve();

/**
 * Queues a microtask as a job of a promise. It runs in the async context of this call.
 *
 * `queueMicrotask` of Node creates an async resource. V8 drops the compiled code for it in each
 * garbage collection, because no such resource is then alive. A round trip takes a tenth to a fifth
 * less time without it.
 */
function afterTurn(job: () => void): void {
  settled.then(job);
}

/** A running timer or interval. */
export type Timer = ReturnType<typeof globalThis.setTimeout>;

/** The original `setTimeout`, also if a test has faked the global one. */
export const realTimeout = realClock.setTimeout;

/** The original class of dates, also if a test has faked the global one. */
export const RealDate = realClock.Date;

// These variables are declared with `let`, because tests of the library's own timers replace them.
// The bundler keeps them plain variables, so a call costs no lookup.
let { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, queueMicrotask, performance } = realClock;
let SystemDate = realClock.Date;

export { clearInterval, clearTimeout, performance, queueMicrotask, setImmediate, setInterval, setTimeout };

/**
 * Replaces the internal clock, or restores the real one. Only the library's own tests call this
 * function.
 */
export function setInternalClock(clock: Clock = realClock): void {
  ({ setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, queueMicrotask, performance } = clock);
  SystemDate = clock.Date;
}

/** Lets the process end although the timer is running. Returns the timer. */
export function unref(timer: Timer): Timer {
  return timer.unref();
}

/** Keeps the process alive for the timer again, after {@link unref}. */
export function ref(timer: Timer): void {
  timer.ref();
}

/**
 * Returns the original timers of `scope`, also if a test has faked them.
 *
 * The timers are already faked at this point if a test runner fakes them before it loads the
 * library (Jest's `enableGlobally`). `@sinonjs/fake-timers`, which Jest, Vitest and Sinon use,
 * keeps each original beside its fake, under `_<name>`.
 */
function unfaked(scope: Clock): Clock {
  const { clock = {} } = scope.setTimeout as { clock?: Record<string, unknown> };
  return Object.fromEntries(names.map((name) => [name, clock[`_${name}`] ?? scope[name]])) as Clock;
}

/**
 * Returns the time in ms since the epoch, with fractions. All threads of a process share this
 * clock, and it never goes back.
 */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Returns the time of the system clock in ms since the epoch, like `Date.now`. The system clock can
 * be set back.
 */
export function wallClock(): number {
  return SystemDate.now();
}
