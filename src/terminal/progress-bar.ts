/**
 * `progressBar`: an operator that shows the progress of outcomes, as a bar on a terminal or as
 * plain lines.
 */
import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Outcome } from '../future/outcome.js';
import { ProgressCounter } from '../progress/counter.js';
import { boolean, type Checks, integer, kind, positiveMs, string, validate } from '../util/validate.js';
import { barsOn } from './bars.js';
import { display } from './display.js';
import { linesOn } from './lines.js';

/** Options of {@link progressBar}. */
export interface ProgressBarOptions {
  /**
   * Total number of outcomes, if you know it better than the source. If no total is known, a count
   * is shown instead of a bar.
   */
  readonly total?: number;
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

const checks: Checks<ProgressBarOptions> = {
  total: integer(0),
  label: string,
  stream: kind('a writable stream', (value) => typeof value?.write === 'function'),
  interval: positiveMs,
  clear: boolean,
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
 * @throws RangeError if `total` or `interval` is out of range
 * @throws TypeError if any other option is wrong, or `total` or `interval` is not a number
 * @throws Error if `stream` is a terminal and `cli-progress` is not installed
 */
export function progressBar<T>(options: ProgressBarOptions = {}): MonoTypeOperatorFunction<Outcome<T>> {
  const { total, label, stream, interval, clear } = withDefaults(options);
  const open = isTerminal(stream) ? barsOn(stream, { label, clear }) : linesOn(stream, { label, interval });
  return (source) =>
    defer(() => {
      const counter = new ProgressCounter(total);
      const end = display(open, counter);
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

function withDefaults(options: ProgressBarOptions): Required<Omit<ProgressBarOptions, 'total'>> & { total?: number } {
  validate('progressBar()', options, checks);
  const { total, label = '', stream = process.stderr, interval = 5_000, clear = false } = options;
  return { total, label: label.replace(/\p{Cc}+/gu, ' '), stream, interval, clear };
}

/**
 * Returns true for a terminal that can move its cursor. A dumb terminal, such as that of an editor,
 * shows the codes for it as text.
 */
function isTerminal(stream: NodeJS.WritableStream): boolean {
  return (stream as Partial<NodeJS.WriteStream>).isTTY === true && process.env['TERM'] !== 'dumb';
}
