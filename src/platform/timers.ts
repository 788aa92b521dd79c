/**
 * Timers of the main thread. They start outside of every async context, so that no timer keeps the
 * store of a request alive.
 */
import { outside } from '#platform/context';
import { now, performance, realTimeout, setImmediate, setTimeout, type Timer } from '#platform/time';

/**
 * The longest delay of `setTimeout` in ms: 24.8 days. `setTimeout` runs a longer one after 1 ms.
 */
export const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Starts an internal timer, outside of every async context. A delay above {@link LONGEST_TIMER} is
 * reduced to it. A negative delay counts as 0, because Node 24 and later warn about it.
 */
export function after(ms: number, callback: () => void): Timer {
  return outside(() => setTimeout(callback, Math.max(0, Math.min(ms, LONGEST_TIMER))));
}

/**
 * Number of ms by which a timer must be late to show that this thread was busy. The timers of an
 * idle thread are up to 1 ms late.
 */
const BUSY_MS = 2;

/**
 * Starts the timer of a time limit that a message of a worker ends. The callback has to check
 * whether the limit still counts, because it can run after `clearTimeout`:
 *
 *   1. This thread is busy. The message arrives, and then the time is over.
 *   2. This thread is free. Its timers run before it reads messages.
 *   3. The callback is called in the next turn, after the message was read.
 */
export function limitOfWorker(ms: number, callback: () => void): Timer {
  const due = performance.now() + Math.min(ms, LONGEST_TIMER);
  return after(ms, () => {
    if (performance.now() - due > BUSY_MS) setImmediate(callback);
    else callback();
  });
}

/** True if the clock that the program sees is faked now. */
export function isClockFaked(): boolean {
  return globalThis.setTimeout !== realTimeout;
}

/** Returns a value that differs for each clock that the program sees. */
export function userClock(): unknown {
  return globalThis.setTimeout;
}

/** Returns the time of the clock that the program sees, in ms since the epoch. */
export function userNow(): number {
  return isClockFaked() ? globalThis.Date.now() : now();
}

/**
 * A timer that the user asked for. It follows the clock that the program sees when the timer
 * starts, faked or not.
 */
export class UserTimer {
  readonly #id: Timer;
  // A fake clock refuses to clear a real timer, and the real clock refuses to clear a fake one. The
  // global clock may change before the timer ends, so each timer keeps its own function.
  readonly #clear = globalThis.clearTimeout;
  readonly #start = globalThis.setTimeout;
  /**
   * True if the clock of the program was faked when the timer started. Real durations say nothing
   * about such a clock.
   */
  readonly isFaked = isClockFaked();

  /** @param ms the delay; a delay above {@link LONGEST_TIMER} is reduced to it */
  constructor(ms: number, callback: () => void) {
    this.#id = outside(() => globalThis.setTimeout(callback, Math.min(ms, LONGEST_TIMER)));
  }

  stop(): void {
    // Not called as a method of this object, which browsers refuse.
    const clear = this.#clear;
    clear(this.#id);
  }

  /** Lets the process end although the timer is running. */
  letProcessEnd(): void {
    this.#id.unref?.();
  }

  /** False if the clock of the program was faked or restored since the timer started. */
  get isOnTheClock(): boolean {
    return globalThis.setTimeout === this.#start;
  }
}

/** The time limits of a shutdown. Several calls may set a limit, and the earliest one counts. */
export class TimeLimits {
  readonly #timers = new Set<UserTimer>();
  #isOver = false;

  /** Calls `expired` after `ms`, unless the shutdown ends before. `Infinity` sets no limit. */
  add(ms: number, expired: () => void): void {
    if (ms !== Number.POSITIVE_INFINITY && !this.#isOver) this.#timers.add(new UserTimer(ms, expired));
  }

  /** Removes all limits, because the shutdown has ended. Later limits are not set. */
  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) timer.stop();
    this.#timers.clear();
  }
}
