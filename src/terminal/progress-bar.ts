/**
 * `progressBar`: an operator that shows the progress of outcomes, as a bar on a terminal or as
 * plain lines.
 */
import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Outcome } from '../future/outcome.js';
import { type Checks, callback, integer, optionOf, unexpected, validate } from '../util/validate.js';
import type { Open } from './display.js';
import { Groups, openBar } from './groups.js';
import { outputChecks, outputOn, plain } from './output.js';

/** Options of {@link progressBar}. */
export interface ProgressBarOptions<T = any> {
  /**
   * Total number of outcomes, if you know it better than the source. If no total is known, a count
   * is shown instead of a bar. With `groupBy`, it is an object with the total of each group, such
   * as `{ pages: 20, images: 50 }`.
   */
  readonly total?: number | Readonly<Record<string, number>>;
  /**
   * Returns the name of the group of an outcome. Each group then has a bar of its own, below each
   * other. Use it for a few groups, such as the names of the tasks:
   * `({ future }) => future.name`.
   *
   * @default one bar for all outcomes
   */
  readonly groupBy?: (outcome: Outcome<T>) => string;
  /**
   * Text before the bar that identifies it. Line breaks and other control characters in it become
   * spaces.
   */
  readonly label?: string;
  /**
   * The stream that the bar is written to. All bars on one terminal are drawn together. If
   * process.stdout and process.stderr are both terminals, they count as one terminal.
   *
   * @default process.stderr
   */
  readonly stream?: NodeJS.WritableStream;
  /**
   * Time in ms between plain lines, if `stream` is not a terminal. A line is skipped if nothing has
   * changed since the previous line. `Infinity`: only the last line is written.
   *
   * @default 5_000
   */
  readonly interval?: number;
  /**
   * Removes the bar from the terminal at its end, instead of leaving a last line. Plain lines stay.
   *
   * @default false
   */
  readonly clear?: boolean;
}

/** Checks the total of a bar. */
const total = integer(0);

const checks: Checks<ProgressBarOptions> = {
  // An object has to fit to `groupBy`, so it is checked later.
  total: (at, value) => {
    if (!isObject(value)) total(at, value);
  },
  groupBy: callback,
  ...outputChecks,
};

/**
 * Shows the outcomes that pass through as a bar with a rate and an ETA. Each outcome is emitted
 * unchanged.
 *
 * Use it if a person waits for the result. If the program itself needs its progress, use
 * `progress`.
 *
 * ```ts no-run: it draws on a terminal
 * import { progressBar } from 'rx-futures/terminal';
 *
 * const pages = Array.from({ length: 1_000 }, (_, n) => fetchPage(`http://localhost:8080/${n}`));
 * await asCompleted(pages)
 *   .pipe(progressBar({ label: 'pages' }))
 *   .forEach((outcome) => console.log(outcome.status));
 * // pages  ███████████████░░░░░░░░░░░░░░░   50%   500/1000  ✗ 3  120/s  eta 5 s
 * // pages  ██████████████████████████████  100%  1000/1000  ✗ 7  in 8.4 s
 * ```
 *
 * `✗` counts the failures. The rate, the ETA and the total are those of `progress`. `cli-progress`
 * draws the bar ten times a second. It is an optional peer dependency: `npm install cli-progress`.
 * If `stream` is not a terminal, or is a dumb one, plain lines show the same every `interval` ms.
 * They do not need `cli-progress`.
 *
 * Other output to the terminal scrolls above the bar if it goes through process.stdout,
 * process.stderr or `stream`, as `console.log` does. Text without a final line break hides the bar
 * until its line is complete. The cursor is never hidden and stays below the bar. Therefore the
 * terminal needs no repair after a Ctrl-C or an uncaught error, and no handler for Ctrl-C is
 * installed.
 *
 * The last line shows the final progress. It is written on completion, on an error, when the
 * subscriber unsubscribes, and when the process exits. Errors, completion and unsubscribing pass
 * through. The bar does not keep the process alive. Each subscription has its own bar. No outcome
 * is held.
 *
 * With `groupBy`, each group has a bar. A group is shown from its first outcome, or from the start
 * if `total` names it.
 *
 * @throws RangeError if `total` or `interval` is out of range
 * @throws TypeError if any other option is wrong, or `total` or `interval` is not a number
 * @throws Error if `stream` is a terminal and `cli-progress` is not installed
 */
export function progressBar<T>(options: ProgressBarOptions<T> = {}): MonoTypeOperatorFunction<Outcome<T>> {
  validate('progressBar()', options, checks);
  const { groupBy, total: totals } = options;
  const label = plain(options.label ?? '');
  checkTotal(totals, groupBy !== undefined);
  const open = outputOn(options, 'progressBar()');
  if (groupBy === undefined) return oneBar(open, label, totals as number | undefined);
  return (source) =>
    defer(() => {
      const groups = new Groups<T>(open, label, groupBy, (totals ?? {}) as Readonly<Record<string, number>>);
      return source.pipe(
        tap({
          next: (outcome) => groups.count(outcome),
          complete: () => groups.end('completed'),
          error: () => groups.end('stopped'),
          unsubscribe: () => groups.end('stopped'),
        }),
      );
    });
}

function oneBar<T>(open: Open, label: string, total: number | undefined): MonoTypeOperatorFunction<Outcome<T>> {
  return (source) =>
    defer(() => {
      const { counter, end } = openBar(open, label, total);
      // The display ends before the subscriber is notified, so that the subscriber's own output at
      // the end is below the last line.
      return counter.of(source).pipe(
        tap({
          next: (outcome) => counter.count(outcome),
          complete: () => end('completed'),
          error: () => end('stopped'),
          unsubscribe: () => end('stopped'),
        }),
      );
    });
}

/** Checks that the total is a number for one bar, and an object of numbers for groups. */
function checkTotal(value: ProgressBarOptions['total'], isGrouped: boolean): void {
  if (value === undefined) return;
  const at = optionOf('progressBar()', 'total');
  if (isObject(value) !== isGrouped) {
    const expected = isGrouped ? 'an object of totals, because of "groupBy"' : 'a number, as there is no "groupBy"';
    throw new TypeError(unexpected(at, expected, value));
  }
  if (isObject(value)) for (const [group, each] of Object.entries(value)) total(optionOf(at, group), each);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
