/** Counts and times of each function, from the time when the first page was connected. */
import { Histogram } from '../../engine/observe/histogram.js';
import type { FunctionRow, Times } from '../frames.js';

/** Functions with a row of their own. All further ones share a row. */
const MAX_ROWS = 200;

/** The name of the row of all further functions. */
const OTHERS = '(other functions)';

export class FunctionCounts {
  known = 0;
  fulfilled = 0;
  rejected = 0;
  cancelled = 0;
  retried = 0;
  readonly wait = new Histogram();
  readonly run = new Histogram();
}

export class FunctionTable {
  readonly #rows = new Map<string, FunctionCounts>();
  // Most programs run many tasks of one function, one after another.
  #lastName: string | undefined;
  #last!: FunctionCounts;

  of(name: string): FunctionCounts {
    if (name === this.#lastName) return this.#last;
    this.#last = this.#rows.get(name) ?? this.#add(name);
    this.#lastName = name;
    return this.#last;
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
    const key = this.#rows.size < MAX_ROWS ? name : OTHERS;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = new FunctionCounts();
      this.#rows.set(key, row);
    }
    return row;
  }
}

function timesOf(histogram: Histogram): Times {
  const { count, p50, p90, p99 } = histogram.percentiles();
  return { count, p50, p90, p99 };
}
