/**
 * A row of the bench: the work, the contenders, the metrics and their bounds. A row is data with
 * one function per contender. The parent process therefore reads a row without loading any library.
 * Each child loads only the library that it measures.
 */

export interface Row {
  /** Place of the row in RESULTS.md. `npm run bench -- <number>` runs it alone. */
  readonly number: number;
  /** `npm run bench -- <name>` runs it alone. */
  readonly name: string;
  /** The work, in a sentence. */
  readonly title: string;
  /** Amount of work in one round. The unit depends on the row. */
  readonly count: number;
  /** Rounds of `warmUp.count` that each contender runs before the first measured round. */
  readonly warmUp: { readonly count: number; readonly rounds: number };
  readonly rounds: number;
  /**
   * Starts a new process for every round. Set it if the figure depends on the cores to which the
   * kernel assigns the threads. The assignment lasts for seconds, so all rounds of one process
   * would share it.
   */
  readonly isFreshEachRound?: boolean;
  readonly metrics: { readonly [name: string]: Metric };
  readonly contenders: { readonly [name: string]: Contender };
  /** Bounds that only `npm run bench -- --check` compares with the figures. */
  readonly bounds: readonly Bound[];
  /** An explanation for readers of the figures. */
  readonly note?: string;
}

/** A metric. Less is better in all metrics, so that ratios read the same way everywhere. */
export interface Metric {
  readonly unit: 'ms' | 'us' | 'bytes' | 'MB' | 'values' | 'x';
  /** How the figure is computed from several rounds. `worst` is the largest one. */
  readonly over: 'median' | 'worst';
  /** Number of tasks in a round, if the figure is also shown as a rate. */
  readonly tasks?: number;
}

export interface Contender {
  /** A bound compares with the best of the peers, or with a contender by its name. */
  readonly kind: 'ours' | 'peer' | 'reference';
  /** The setting of the contender. A peer has its best one. */
  readonly setting?: string;
  /** If set, the contender takes part only in the short version. */
  readonly only?: 'quick';
  /** Called once, in a separate process. Returns the function that runs one round. */
  open(): Promise<Measure>;
}

/** Runs one round. Throws if a result is wrong, so that a wrong result is never measured. */
export type Measure = (count: number) => Promise<Sample>;

/** Figures of one round, by metric. */
export type Sample = { readonly [metric: string]: number };

/**
 * The figure that a change must not fall behind. `'peers'` stands for the best of them. A bound
 * leaves room beside the figure in RESULTS.md, because two runs on one machine differ.
 */
export type Bound = { readonly metric: string } & (
  | { readonly faster: number; readonly than: string }
  | { readonly within: number; readonly of: string }
  | { readonly atMost: number }
);
