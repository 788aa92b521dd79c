/**
 * How long the next worker has to wait after workers have failed.
 *
 * There are two kinds of failure. A *failed start* delays every start, because the next one will probably fail too. A *loss*, the end of a
 * worker that was up and had nothing to do, delays only spare workers (`minWorkers`): the pool would replace such workers without end. A task
 * that waits does not pay for it.
 *
 * Pauses grow from 100 ms to 30 s, twice as long each time. While no worker is up, a pause is 200 ms at most: all tasks wait then, and the third
 * failed start in a row breaks the executor.
 */
import { now } from '../platform/time.js';

/** ms */
const SHORTEST = 100;
const LONGEST = 30_000;
const LONGEST_WITHOUT_WORKERS = 200;

/** ms for which a worker must have been up so that its end says nothing about the next worker. */
const HEALTHY_AFTER = 10_000;

/** Whom a worker is started for: a task that waits (or `ready()`), or nobody yet. */
export type Purpose = 'task' | 'spare';

export class StartBackoff {
  readonly #starts: Row;
  readonly #losses: Row;
  /** Workers in a row that came up, and were lost before they had run anything although tasks waited. */
  readonly #barren: Row;

  constructor(clock: () => number = now) {
    this.#starts = new Row(clock);
    this.#losses = new Row(clock);
    this.#barren = new Row(clock);
  }

  /** A worker that was made at `madeAt` did not come up. Returns how many starts in a row have failed. */
  startFailed(madeAt: number): number {
    return this.#starts.add(madeAt);
  }

  /** The same for a worker that came up, but ran none of the tasks that waited. */
  barren(madeAt: number): number {
    return this.#barren.add(madeAt);
  }

  /** A worker came up. */
  started(): void {
    this.#starts.end();
  }

  /** A worker has run a task. */
  worked(): void {
    this.#barren.end();
  }

  /** A worker without a task has ended, `upTime` ms after it came up. */
  lost(madeAt: number, upTime: number): void {
    if (upTime >= HEALTHY_AFTER) this.#losses.end();
    else this.#losses.add(madeAt);
  }

  /** ms from now until a worker may be started. */
  pause(purpose: Purpose, isAnyUp: boolean): number {
    const most = isAnyUp ? LONGEST : LONGEST_WITHOUT_WORKERS;
    const forAll = Math.max(this.#starts.rest(most), this.#barren.rest(most));
    return purpose === 'task' ? forAll : Math.max(forAll, this.#losses.rest(LONGEST));
  }
}

/** Failures of one kind in a row. */
class Row {
  readonly #clock: () => number;
  #count = 0;
  #last = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Returns the length of the row. Workers that were made before the last failure fail together with it: they count as one. */
  add(madeAt: number): number {
    if (this.#count > 0 && madeAt < this.#last) return this.#count;
    this.#last = this.#clock();
    return ++this.#count;
  }

  end(): void {
    this.#count = 0;
  }

  /** ms that are left of the pause after the last failure, which is `most` ms at most. */
  rest(most: number): number {
    if (this.#count === 0) return 0;
    return Math.max(0, this.#last + Math.min(SHORTEST * 2 ** (this.#count - 1), most) - this.#clock());
  }
}
