/** The outputs that show the lines of this entry, and the options that all lines have. */
import { boolean, type Checks, kind, positiveMs, string } from '../util/validate.js';
import { barsOn } from './bars.js';
import type { Open } from './display.js';
import { linesOn } from './lines.js';

export interface OutputOptions {
  readonly label?: string;
  readonly stream?: NodeJS.WritableStream;
  readonly interval?: number;
  readonly clear?: boolean;
}

export const outputChecks: Checks<OutputOptions> = {
  label: string,
  stream: kind('a writable stream', (value) => typeof value?.write === 'function'),
  interval: positiveMs,
  clear: boolean,
};

/**
 * Returns a function that shows a line on the stream: in place on a terminal, and as plain lines
 * elsewhere.
 *
 * @param where the call, as error messages show it
 * @throws Error if the stream is a terminal and cli-progress is not installed
 */
export function outputOn(
  { stream = process.stderr, interval = 5_000, clear = false }: OutputOptions,
  where: string,
): Open {
  return isTerminal(stream) ? barsOn(stream, clear, where) : linesOn(stream, interval);
}

/** Replaces line breaks and other control characters. */
export function plain(label: string): string {
  return label.replace(/\p{Cc}+/gu, ' ');
}

/**
 * Returns true for a terminal that can move its cursor. A dumb terminal, such as that of an editor,
 * shows the codes for it as text.
 */
function isTerminal(stream: NodeJS.WritableStream): boolean {
  return (stream as Partial<NodeJS.WriteStream>).isTTY === true && process.env['TERM'] !== 'dumb';
}
