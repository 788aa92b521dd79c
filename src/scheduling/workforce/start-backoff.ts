/**
 * Decides how long the next worker has to wait after other workers have failed.
 *
 * There are three kinds of failure:
 *
 *   - A *failed start* delays every start, because the next start will probably fail too.
 *   - An *unused* worker came up while tasks waited, but ended before it ran one. It delays every
 *     start too, because the next worker will probably end in the same way.
 *   - An *idle end* is the end of an idle worker that was up. It delays only spare workers
 *     (`minWorkers`), because the pool would replace them without end.
 *
 * Pauses double from 100 ms to 30 s. While no worker is up, a failed start or an unused worker
 * delays a start by 200 ms at most, because all tasks wait then. Three failed starts in a row then
 * break the executor, and so do three unused workers in a row.
 */
import { now } from '#platform/time';

const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 30_000;
const MAX_PAUSE_WITHOUT_WORKERS_MS = 200;

/** Up time in ms from which the end of an idle worker predicts nothing about the next worker. */
const HEALTHY_AFTER_MS = 10_000;

/** Reason for a start: a waiting task (or `ready()`), or a spare worker for later tasks. */
export type Purpose = 'task' | 'spare';

export class StartBackoff {
  readonly #starts: FailureStreak;
  readonly #idleEnds: FailureStreak;
  /** Counts the workers in a row that came up, but ended before they ran any waiting task. */
  readonly #unused: FailureStreak;

  constructor(clock: () => number = now) {
    this.#starts = new FailureStreak(clock);
    this.#idleEnds = new FailureStreak(clock);
    this.#unused = new FailureStreak(clock);
  }

  /**
   * Records that a worker created at `madeAt` did not come up. Returns the number of failed starts
   * in a row.
   */
  startFailed(madeAt: number): number {
    return this.#starts.add(madeAt);
  }

  /**
   * Records that a worker came up, but ended before it ran any of the waiting tasks. Returns the
   * number of such workers in a row.
   */
  endedUnused(madeAt: number): number {
    return this.#unused.add(madeAt);
  }

  /** Records that a worker came up. */
  started(): void {
    this.#starts.reset();
  }

  /** Records that a worker has run a task. */
  worked(): void {
    this.#unused.reset();
  }

  /**
   * Records that an idle worker, which was created at `madeAt`, has ended `upTime` ms after it came
   * up. If it was up for long, the idle ends before it count no more.
   */
  idleEnded(madeAt: number, upTime: number): void {
    if (upTime >= HEALTHY_AFTER_MS) this.#idleEnds.reset();
    else this.#idleEnds.add(madeAt);
  }

  /** Returns the ms from now until a worker may be started. */
  delayOf(purpose: Purpose, isAnyUp: boolean): number {
    const most = isAnyUp ? MAX_PAUSE_MS : MAX_PAUSE_WITHOUT_WORKERS_MS;
    const forAll = Math.max(this.#starts.remaining(most), this.#unused.remaining(most));
    return purpose === 'task' ? forAll : Math.max(forAll, this.#idleEnds.remaining(MAX_PAUSE_MS));
  }
}

/** Failures of one kind in a row. */
class FailureStreak {
  readonly #clock: () => number;
  #count = 0;
  #last = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /**
   * Counts a failure and returns the number of failures in a row. A worker that was created before
   * the last failure does not count again, because both failures have one cause.
   */
  add(madeAt: number): number {
    if (this.#count > 0 && madeAt < this.#last) return this.#count;
    this.#last = this.#clock();
    return ++this.#count;
  }

  reset(): void {
    this.#count = 0;
  }

  /**
   * Returns what is left of the pause after the last failure, in ms. The whole pause is `most` ms
   * at most.
   */
  remaining(most: number): number {
    if (this.#count === 0) return 0;
    return Math.max(0, this.#last + Math.min(MIN_PAUSE_MS * 2 ** (this.#count - 1), most) - this.#clock());
  }
}
