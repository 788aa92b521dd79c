/** `statsLine`: the statistics of an executor as one line that changes in place. */
import { clearInterval, now, setInterval } from '#platform/time';
import type { ExecutorStats } from '../engine/observe/stats.js';
import { type Checks, show, validate } from '../util/validate.js';
import { display, type Shown } from './display.js';
import { outputChecks, outputOn, plain } from './output.js';
import { cut, duration, type Ending, formatRate, join } from './text.js';

/** Options of {@link statsLine}. */
export interface StatsLineOptions {
  /** Text before the line that identifies it. */
  readonly label?: string;
  /**
   * The stream that the line is written to. It is drawn together with the bars on the same
   * terminal.
   *
   * @default process.stderr
   */
  readonly stream?: NodeJS.WritableStream;
  /**
   * Time in ms between plain lines, if `stream` is not a terminal. A line is skipped if no task was
   * submitted, has started or has settled since the previous one. `Infinity`: only the last line is
   * written.
   *
   * @default 5_000
   */
  readonly interval?: number;
  /**
   * Removes the line from the terminal at its end. Plain lines stay.
   *
   * @default false
   */
  readonly clear?: boolean;
}

const checks: Checks<StatsLineOptions> = outputChecks;

/** A line that {@link statsLine} shows. */
export interface StatsLine extends Disposable {
  /** Ends the line, and leaves the last statistics. Further calls have no effect. */
  stop(): void;
}

/** The parts of an executor that a line reads. The server of a queue has `stats()` too. */
export interface StatsSource {
  /** Returns the numbers that the line shows. */
  stats(): ExecutorStats;
  /** The line ends when this is `closed` or `broken`, and otherwise with `stop()`. */
  readonly state?: string;
}

/** Time in ms between two checks of whether the executor has closed. */
const CHECK_INTERVAL_MS = 100;
/** Time in ms that the rate looks back. */
const RATE_TIME_MS = 5_000;

/**
 * Shows the statistics of an executor in one line, until the executor has closed or `stop()` is
 * called.
 *
 * Use it to watch a program that runs for long. For the progress of a known number of tasks, use
 * `progressBar`.
 *
 * ```ts no-run: it draws on a terminal
 * import { statsLine } from 'rx-futures/terminal';
 *
 * using line = statsLine(executor, { label: 'crawler' });
 * // crawler  12 running  340 queued  1200 done  ✗ 3  4/8 workers busy  85/s
 * ```
 *
 * `✗` counts the failures. `done` counts all tasks that have settled. The rate is that of the last
 * five seconds. On a terminal the line changes ten times a second, and needs `cli-progress` as
 * `progressBar` does. Elsewhere a plain line is written every `interval` ms.
 *
 * The line reads `stats()` and no events, so it costs the tasks nothing. It does not keep the
 * process alive. Its last line is written when it ends, also at the exit of the process.
 *
 * @throws RangeError if `interval` is out of range
 * @throws TypeError if `source` has no statistics, or an option is unknown or has the wrong type
 * @throws Error if `stream` is a terminal and `cli-progress` is not installed
 */
export function statsLine(source: StatsSource, options: StatsLineOptions = {}): StatsLine {
  if (typeof source?.stats !== 'function') {
    throw new TypeError(
      `statsLine(executor): expected an Executor, got ${show(source)}. Pass the executor whose statistics are to be shown.`,
    );
  }
  validate('statsLine()', options, checks);
  const end = display(outputOn(options, 'statsLine()'), shownStats(source, plain(options.label ?? '')));
  const stop = (): void => {
    clearInterval(timer);
    end('completed');
  };
  const timer = setInterval(() => {
    if (source.state === 'closed' || source.state === 'broken') stop();
  }, CHECK_INTERVAL_MS).unref();
  return { stop, [Symbol.dispose]: stop };
}

function shownStats(source: StatsSource, label: string): Shown {
  const started = now();
  const rate = new RecentRate(doneOf(source.stats()));
  const text = (ending?: Ending) => {
    const stats = source.stats();
    return join(label, formatStats(stats, ending === undefined ? rate.at(doneOf(stats)) : undefined, now() - started));
  };
  return {
    text,
    line: (width, _draw, ending) => cut(text(ending), width),
    version: () => {
      const { submitted, pending, running } = source.stats();
      return `${submitted} ${pending} ${running}`;
    },
  };
}

/**
 * Returns `12 running  340 queued  1200 done  ✗ 3  4/8 workers busy  85/s`. At the end, `rate` is
 * undefined, and the time is shown instead.
 */
export function formatStats(stats: ExecutorStats, rate: number | undefined, elapsed: number): string {
  const { running, queued, rejected, cancelled, isPaused, workers } = stats;
  const { starting, idle, busy } = workers;
  const parts = [`${running} running`, `${queued} queued`, `${doneOf(stats)} done`];
  if (rejected > 0) parts.push(`✗ ${rejected}`);
  if (cancelled > 0) parts.push(`${cancelled} cancelled`);
  if (isPaused) parts.push('paused');
  if (rate === undefined) return join(...parts, `in ${duration(elapsed)}`);
  parts.push(`${busy}/${starting + idle + busy} workers busy`);
  if (rate > 0) parts.push(formatRate(rate));
  return join(...parts);
}

function doneOf({ fulfilled, rejected, cancelled }: ExecutorStats): number {
  return fulfilled + rejected + cancelled;
}

/** The tasks that have settled per second, over the last seconds. */
export class RecentRate {
  readonly #samples: { readonly at: number; readonly done: number }[];

  constructor(done: number) {
    this.#samples = [{ at: now(), done }];
  }

  /** @param done number of tasks that have settled so far */
  at(done: number): number {
    const at = now();
    const samples = this.#samples;
    // The oldest sample is at most one sample older than the time that counts.
    while (samples.length > 1 && samples[1]!.at <= at - RATE_TIME_MS) samples.shift();
    if (samples.at(-1)!.at < at) samples.push({ at, done });
    const first = samples[0]!;
    return at === first.at ? 0 : ((done - first.done) / (at - first.at)) * 1_000;
  }
}
