/**
 * A row of the bench: the work, the contenders, the metrics and their bounds. A row is data with one
 * function per contender, so that the parent process reads a row without loading any library, and each
 * child loads only the library that it measures.
 */

export interface Row {
  /** Place of the row in RESULTS.md. `npm run bench -- <number>` runs it alone. */
  readonly number: number;
  /** `npm run bench -- <name>` runs it alone. */
  readonly name: string;
  /** The work, in a sentence. */
  readonly title: string;
  /** How much of the work one round does; what it counts is the row's own affair. */
  readonly count: number;
  /** Rounds of `warmUp.count` that each contender does before the first one that is measured. */
  readonly warmUp: { readonly count: number; readonly rounds: number };
  readonly rounds: number;
  /**
   * A new process for every round, for rows whose figure depends on where the kernel happens to put the threads of a process, which stays so
   * for seconds: otherwise all rounds of a contender would have the same luck.
   */
  readonly isFreshEachRound?: boolean;
  readonly metrics: { readonly [name: string]: Metric };
  readonly contenders: { readonly [name: string]: Contender };
  /** Judged by `npm run bench -- --check`, and by nothing else. */
  readonly bounds: readonly Bound[];
  /** What a reader of the figures should know. */
  readonly note?: string;
}

/** Less is better, in all of them: ratios then read the same way everywhere. */
export interface Metric {
  readonly unit: 'ms' | 'us' | 'bytes' | 'MB' | 'values' | 'x';
  /** How the figure of several rounds is made: of `worst`, the largest counts. */
  readonly over: 'median' | 'worst';
  /** Set where a round's figure is also worth showing as a rate: tasks per round. */
  readonly tasks?: number;
}

export interface Contender {
  /** A bound compares with the best of the peers, or with a contender by its name. */
  readonly kind: 'ours' | 'peer' | 'reference';
  /** Of a peer: the setting that is its best, and how that was found. */
  readonly setting?: string;
  /** Takes part in the short version alone. */
  readonly only?: 'quick';
  /** Called once in a process of its own; what it returns does one round. */
  open(): Promise<Measure>;
}

/** Does one round. Throws where an answer is wrong: a wrong answer is no figure. */
export type Measure = (count: number) => Promise<Sample>;

/** Figures of one round, by metric. */
export type Sample = { readonly [metric: string]: number };

/**
 * The figure that a change must not fall behind. `'peers'` stands for the best of them. A bound leaves
 * room beside the figure in RESULTS.md, because two runs on one machine differ.
 */
export type Bound = { readonly metric: string } & (
  | { readonly faster: number; readonly than: string }
  | { readonly within: number; readonly of: string }
  | { readonly atMost: number }
);
