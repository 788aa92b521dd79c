/**
 * What a row of the bench is: the work, who does it, what is measured, and the goal. Rows are data with one function per contender, so
 * the parent process reads a row without loading any library, and each child loads only the one it is to measure.
 */

export interface Row {
  /** Of the table of goals. */
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
  readonly goals: readonly Goal[];
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
  /** Goals are set against the best of the peers, or against a reference by its name. */
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

/** Against `'peers'` means: against the best of them. */
export type Goal = { readonly metric: string } & (
  | { readonly faster: number; readonly than: string }
  | { readonly within: number; readonly of: string }
  | { readonly atMost: number }
);
