/** Time in a browser. The comments of ../time.ts explain the two kinds of timers. */

const names = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'queueMicrotask',
  'performance',
  'Date',
] as const;

type Clock = Pick<typeof globalThis, (typeof names)[number]>;

const realClock = unfaked(globalThis);

/** A running timer or interval. In a browser it is a number. */
export type Timer = ReturnType<typeof globalThis.setTimeout>;

/** The original `setTimeout`, also if a test has faked the global one. */
export const realTimeout = realClock.setTimeout;

/** The original class of dates, also if a test has faked the global one. */
export const RealDate = realClock.Date;

export const { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, performance } = realClock;

/** Callbacks of `setImmediate` in the order of their calls. */
const waiting: (() => void)[] = [];
let turns: Turns | undefined;

/** A port whose messages arrive on this thread. */
interface Turns {
  postMessage(message: unknown): void;
  onmessage: () => void;
}

/**
 * Calls back in a later turn of the event loop. A browser has no such function, and `setTimeout`
 * waits up to 4 ms. A message to the own thread takes a few microseconds.
 */
export function setImmediate(callback: () => void): void {
  waiting.push(callback);
  turns ??= startTurns();
  turns.postMessage(0);
}

function startTurns(): Turns {
  const { port1, port2 } = new MessageChannel() as unknown as { readonly port1: Turns; readonly port2: Turns };
  // One callback for each message, so that a callback that throws does not delay the others.
  port1.onmessage = () => waiting.shift()!();
  return port2;
}

/** Returns the timer. A page stays open whether or not timers are running. */
export function unref(timer: Timer): Timer {
  return timer;
}

export function ref(_timer: Timer): void {}

/** Returns the original timers of `scope`, also if a test has faked them (../time.ts). */
function unfaked(scope: Clock): Clock {
  const { clock = {} } = scope.setTimeout as { clock?: Record<string, unknown> };
  return Object.fromEntries(names.map((name) => [name, clock[`_${name}`] ?? scope[name]])) as Clock;
}

/** Returns the time in ms since the epoch, with fractions. It never goes back. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Returns the time of the system clock in ms since the epoch, like `Date.now`. */
export function wallClock(): number {
  return realClock.Date.now();
}
