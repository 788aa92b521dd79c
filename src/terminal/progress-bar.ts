/** `progressBar`: a bar on a terminal, and plain lines where there is none, for the outcomes that pass by. */
import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Outcome } from '../future/outcome.js';
import { checkTotal, ProgressCounter } from '../progress/counter.js';
import { checkNames, show } from '../util/validate.js';
import { barsOn } from './bars.js';
import { display } from './display.js';
import { linesOn } from './lines.js';

export interface ProgressBarOptions {
  /** Outcomes at the end, where you know better than the source. Without it and a source that knows, there is a count and no bar. */
  readonly total?: number;
  /** Stands before the bar, to tell it from others. Line breaks and other control characters in it become spaces. */
  readonly label?: string;
  /**
   * Where it is shown. Bars on one terminal share it, and process.stdout and process.stderr are one terminal where both are terminals.
   * @default process.stderr
   */
  readonly stream?: NodeJS.WritableStream;
  /**
   * ms between plain lines, where `stream` is no terminal; a line is left out when nothing has come since the one before. Infinity: only
   * the line at the end.
   * @default 5_000
   */
  readonly interval?: number;
  /**
   * Removes the bar from the terminal at its end, instead of leaving a last line. Plain lines stay.
   * @default false
   */
  readonly clear?: boolean;
}

/**
 * Shows the outcomes that pass by as a bar with a rate and an ETA, and hands each on unchanged. Use it where a person waits; what a program
 * needs to know of its progress comes from `progress`.
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
 * `✗` counts the failures. Rate, ETA and the total are those of `progress`. The bar is drawn ten times a second by `cli-progress`, an
 * optional peer dependency: `npm install cli-progress`. Where `stream` is no terminal (or a dumb one), plain lines tell the same every
 * `interval`, and `cli-progress` is not needed.
 *
 * What else is written to the terminal through process.stdout, process.stderr or the `stream`, `console.log` for one, scrolls by above the
 * bar. A text without a line break at its end hides the bar until its line is finished. The cursor is never hidden and rests below the bar,
 * so nothing has to be put right after a Ctrl-C, for which no handler is installed, nor after an uncaught error.
 *
 * At the end, on an error, when its subscriber leaves and when the process exits, the last line says how far it came. Errors, the end and
 * unsubscribing pass through. It does not keep the process alive, each subscription has a bar of its own, and no outcome is held.
 *
 * @throws RangeError for a `total` or `interval` out of range; TypeError for any other wrong option; Error where `stream` is a terminal and
 *   `cli-progress` is not installed
 */
export function progressBar<T>(options: ProgressBarOptions = {}): MonoTypeOperatorFunction<Outcome<T>> {
  const { total, label, stream, interval, clear } = withDefaults(options);
  const open = isTerminal(stream) ? barsOn(stream, { label, clear }) : linesOn(stream, { label, interval });
  return (source) =>
    defer(() => {
      const counter = new ProgressCounter(total);
      const end = display(open, counter);
      // Before it is passed on: whoever prints at the end prints below the last line.
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
  checkNames(options, ['total', 'label', 'stream', 'interval', 'clear'], 'progressBar()');
  const { total, label = '', stream = process.stderr, interval = 5_000, clear = false } = options;
  checkTotal(total, 'progressBar()');
  expect(typeof label === 'string', 'label', 'a string', label);
  expect(typeof stream?.write === 'function', 'stream', 'a stream that can be written to', stream);
  expect(typeof clear === 'boolean', 'clear', 'true or false', clear);
  if (!(typeof interval === 'number' && interval > 0)) {
    throw new RangeError(
      `progressBar(): interval: expected a number of ms above 0, or Infinity, got ${show(interval)}`,
    );
  }
  return { total, label: label.replace(/\p{Cc}+/gu, ' '), stream, interval, clear };
}

function expect(holds: boolean, name: string, expected: string, value: unknown): void {
  if (!holds) throw new TypeError(`progressBar(): ${name}: expected ${expected}, got ${show(value)}`);
}

/** A dumb terminal (that of an editor, say) shows what moves its cursor as rubbish. */
function isTerminal(stream: NodeJS.WritableStream): boolean {
  return (stream as Partial<NodeJS.WriteStream>).isTTY === true && process.env['TERM'] !== 'dumb';
}
