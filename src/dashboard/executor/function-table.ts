/** Counts and times of each function, from the time when the first page was connected. */
import { Histogram } from '../../engine/observe/histogram.js';
import type { FunctionRow, Times } from '../frames.js';

/** Functions with a row of their own. All further ones share a row. */
const MAX_ROWS = 200;

/** The name of the row of all further functions. */
const OTHERS = '(other functions)';

/** Runs of a function in a frame whose times are all recorded. Beyond, one of 2^n is. */
const MAX_TIMED = 128;

export class FunctionCounts {
  known = 0;
  fulfilled = 0;
  rejected = 0;
  cancelled = 0;
  retried = 0;
  readonly wait = new Histogram();
  readonly run = new Histogram();
  /** Number of runs in this frame. */
  #runs = 0;
  #limit = MAX_TIMED;
  /** The times of a run are recorded if these bits of its number are 0. */
  #mask = 0;

  /** Counts a run that has ended. Returns whether its times shall be added. */
  chooseForTimes(): boolean {
    this.#runs++;
    if ((this.#runs & this.#mask) !== 0) return false;
    if (this.#runs >= this.#limit) {
      this.#mask = 2 * this.#mask + 1;
      this.#limit *= 2;
    }
    return true;
  }

  addTimes(waited: number, ms: number): void {
    this.wait.add(waited);
    this.run.add(ms);
  }

  startFrame(): void {
    while (this.#mask > 0 && this.#runs < this.#limit / 4) {
      this.#mask >>= 1;
      this.#limit /= 2;
    }
    this.#runs = 0;
  }
}

export class FunctionTable {
  readonly #rows = new Map<string, FunctionCounts>();
  readonly #others = new FunctionCounts();

  of(name: string): FunctionCounts {
    return this.#rows.get(name) ?? this.#add(name);
  }

  startFrame(): void {
    for (const row of this.#rows.values()) row.startFrame();
  }

  /** Returns the p99 of the run times; undefined before ten runs have ended. */
  usualTime(name: string): number | undefined {
    const percentiles = this.#rows.get(name)?.run.percentiles();
    return percentiles === undefined || percentiles.count < 10 ? undefined : percentiles.p99;
  }

  rows(): FunctionRow[] {
    return Array.from(this.#rows, ([name, { known, fulfilled, rejected, cancelled, retried, wait, run }]) => ({
      name,
      // A task that was pending at the start and was not counted may settle.
      known: Math.max(known, fulfilled + rejected + cancelled),
      fulfilled,
      rejected,
      cancelled,
      retried,
      wait: timesOf(wait),
      run: timesOf(run),
    }));
  }

  #add(name: string): FunctionCounts {
    const isFull = this.#rows.size >= MAX_ROWS;
    const row = isFull ? this.#others : new FunctionCounts();
    this.#rows.set(isFull ? OTHERS : name, row);
    return row;
  }
}

function timesOf(histogram: Histogram): Times {
  const { count, p50, p90, p99 } = histogram.percentiles();
  return { count, p50, p90, p99 };
}
