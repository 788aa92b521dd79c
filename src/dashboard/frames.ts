/**
 * The messages of a dashboard to its pages. Everything is bounded, however many tasks
 * there are. There are names, ids, times and counts, and the texts of errors. There is no value of
 * a task, and no argument.
 */

/** Time in ms between two frames. */
export const FRAME_MS = 200;

/** The first message of a connection. */
export interface Hello {
  /** Id of this start of the server. A page that connects to another start forgets its data. */
  readonly server: string;
  readonly sources: readonly SourceHello[];
}

export interface SourceHello {
  readonly name: string;
  /** Latest frames, the oldest first, so that a page is not empty when it is loaded. */
  readonly points: readonly Point[];
  readonly runs: readonly Runs[];
  readonly failures: readonly FailureRow[];
}

/** A point of the charts. */
export interface Point {
  /** Time in ms since the epoch. */
  readonly at: number;
  readonly queued: number;
  readonly running: number;
  /** Number of tasks that have settled so far. */
  readonly done: number;
  readonly failed: number;
}

export interface Frame {
  readonly at: number;
  readonly sources: readonly SourceFrame[];
  /** Groups of tasks of all executors. Sent once a second, like all tables. */
  readonly groups?: readonly GroupRow[];
  readonly process?: ProcessRow;
}

export interface SourceFrame {
  readonly state: string;
  readonly counts: Counts;
  readonly runs: Runs;
  readonly workers: readonly WorkerRow[];
  readonly running: readonly RunningRow[];
  readonly tables?: Tables;
  /** Failures since the frame before. */
  readonly failures: readonly FailureRow[];
  /** Reasons why actions are not possible, by the names of the actions. */
  readonly refusals: Readonly<Partial<Record<ActionName, string>>>;
}

export interface Counts {
  readonly submitted: number;
  readonly fulfilled: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly retried: number;
  readonly pending: number;
  readonly queued: number;
  readonly running: number;
  /** Number of tasks that were cancelled or timed out, and still run. */
  readonly lingering: number;
  readonly isPaused: boolean;
}

/** Status of a run that has ended, as the cells of {@link Runs} have it. */
export const FULFILLED = 0;
export const FAILED = 1;
export const RETRIED = 2;
export const CANCELLED = 3;

/** Numbers for each run in {@link Runs.cells}. */
export const CELLS_PER_RUN = 9;

/** Runs that have ended since the frame before, or a part of them. */
export interface Runs {
  /** Number of runs that have ended. */
  readonly seen: number;
  /** Names of tasks, and then of workers. The cells have indexes into both. */
  readonly tasks: readonly string[];
  readonly workers: readonly string[];
  /** Time in ms since the epoch, to which the times of the cells are relative. */
  readonly base: number;
  /**
   * Nine numbers for each run: worker, task, start, end, id, id of its upstream or 0, status,
   * attempt, and waiting time. The waiting time is from the submit to the start.
   */
  readonly cells: readonly number[];
}

export interface WorkerRow {
  readonly name: string;
  readonly threadId: number | undefined;
  readonly state: string;
  /** Set if the worker does not answer a ping, or if a cancelled task on it does not stop. */
  readonly trouble: string | undefined;
  readonly inFlight: number;
  readonly actors: number;
  /** Number of runs that have ended since the dashboard observes the worker. */
  readonly done: number;
  /** Fraction of the last second in which the worker had a task. */
  readonly busy: number | undefined;
  /** Fraction of the last second in which the event loop of the worker was not idle. */
  readonly loop: number | undefined;
  /** Bytes. */
  readonly heap: number | undefined;
}

/** A task that runs now. */
export interface RunningRow {
  readonly id: number;
  readonly name: string;
  readonly worker: string;
  readonly startedAt: number;
  readonly attempt: number;
  /**
   * `lingering`: It was cancelled or timed out, and has not stopped. `blocked`: Its worker does not
   * answer. `long`: It runs much longer than other runs of the same function.
   */
  readonly trouble: 'lingering' | 'blocked' | 'long' | undefined;
}

export interface Tables {
  /** A note about the counts of the functions. */
  readonly note?: string;
  /** Start of the counts of functions, in ms since the epoch. */
  readonly since: number;
  readonly functions: readonly FunctionRow[];
  readonly actors: readonly ActorRow[];
  readonly shared: readonly SharedRow[];
}

export interface FunctionRow {
  readonly name: string;
  /** Number of tasks that were pending at the start, and of those that were submitted later. */
  readonly known: number;
  readonly fulfilled: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly retried: number;
  readonly wait: Times;
  readonly run: Times;
}

/** Times in ms. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface ActorRow {
  readonly name: string;
  readonly state: string;
  readonly worker: string | undefined;
  /** Number of calls that have not settled. */
  readonly calls: number;
}

export interface SharedRow {
  readonly name: string;
  /** Number of workers that have a copy. */
  readonly copies: number;
  /** Number of pending tasks that use the value. */
  readonly uses: number;
  readonly isDisposed: boolean;
}

export interface GroupRow {
  readonly id: number;
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly total: number | undefined;
  readonly done: number;
  readonly failed: number;
  readonly end: string | undefined;
}

export interface FailureRow {
  /** Number of the failure. Each has another one. */
  readonly n: number;
  readonly at: number;
  readonly id: number;
  readonly name: string;
  readonly attempt: number;
  readonly worker: string | undefined;
  /** Name and message of the error. */
  readonly title: string;
  readonly stack: string | undefined;
  /** Number of failures without a text since the one before, because there were too many. */
  readonly omitted: number;
}

/** The process of the dashboard. */
export interface ProcessRow {
  /** Bytes of memory of the whole process, with its threads. */
  readonly rss: number;
  readonly heap: number;
  /** Fraction of the last second in which the event loop of the main thread was not idle. */
  readonly loop: number;
}

export const ACTIONS = ['cancel', 'pause', 'resume', 'end-worker', 'terminate-worker'] as const;
export type ActionName = (typeof ACTIONS)[number];

/** The body of a request that changes something. */
export type Action =
  | { readonly action: 'cancel'; readonly source: number; readonly id: number }
  | { readonly action: 'pause' | 'resume'; readonly source: number }
  | { readonly action: 'end-worker' | 'terminate-worker'; readonly source: number; readonly worker: string };

/** The answer to an action. */
export interface ActionResult {
  readonly ok: boolean;
  readonly message: string;
}
