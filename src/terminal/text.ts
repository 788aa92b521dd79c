/** Formats the progress of a run as text. This module is pure. */
import type { Snapshot } from '../progress/counter.js';

/**
 * How a run ended. `completed`: by itself. `stopped`: by an error, an unsubscribe or the end of the
 * process.
 */
export type Ending = 'completed' | 'stopped';

/** Draws a bar of `size` columns, filled to `fraction`. */
export type DrawBar = (fraction: number, size: number) => string;

/**
 * Returns `45%  450/1000  ✗ 3  12.3/s  eta 45 s`, or at the end `100%  1000/1000  ✗ 7  in 81 s`.
 * Less important parts come last, because a narrow terminal cuts off the end.
 */
export function formatProgress(snapshot: Snapshot, ending?: Ending): string {
  const { done, total, elapsed, rejected, cancelled } = snapshot;
  const parts =
    total === undefined ? [`${done} done`] : [percentOf(done, total), `${padTo(String(total), done)}/${total}`];
  if (rejected > 0) parts.push(`✗ ${rejected}`);
  if (cancelled > 0) parts.push(`${cancelled} cancelled`);
  if (ending === undefined) parts.push(...expectations(snapshot));
  else parts.push(`${ending === 'completed' ? 'in' : 'stopped after'} ${duration(elapsed)}`);
  return parts.join('  ');
}

/**
 * Returns the same text with a label, and with a bar as wide as the space allows, in a line of at
 * most `width` columns.
 */
export function formatWithBar(
  { label, snapshot, ending }: { label: string; snapshot: Snapshot; ending?: Ending },
  width: number,
  draw: DrawBar,
): string {
  const text = formatProgress(snapshot, ending);
  const room = width - columnsOf(join(label, text)) - columnsOf(GAP);
  const hasBar = snapshot.total !== undefined && room >= SHORTEST_BAR;
  const bar = hasBar ? draw(fractionOf(snapshot.done, snapshot.total!), Math.min(room, LONGEST_BAR)) : '';
  return cut(join(label, bar, text), width);
}

export function join(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(GAP);
}

const GAP = '  ';
/** Smallest width of a bar, in columns. A narrower bar shows less than the percentage. */
const SHORTEST_BAR = 8;
export const LONGEST_BAR = 30;

function expectations({ total, elapsed, rate, eta }: Snapshot): string[] {
  const parts = rate > 0 ? [formatRate(rate)] : [];
  if (total === undefined) parts.push(duration(elapsed));
  else if (eta !== undefined && eta > 0) parts.push(`eta ${duration(Math.ceil(eta / 1_000) * 1_000)}`);
  return parts;
}

function fractionOf(done: number, total: number): number {
  return total === 0 ? 1 : done / total;
}

/**
 * Returns the percentage. It is rounded down, so that 100% means complete. It is padded to four
 * characters, so that the rest of the line does not move.
 */
function percentOf(done: number, total: number): string {
  return `${Math.floor(100 * fractionOf(done, total))}%`.padStart(4);
}

function padTo(total: string, done: number): string {
  return String(done).padStart(total.length);
}

export function formatRate(rate: number): string {
  if (rate >= 1) return `${compact.format(rate)}/s`;
  return rate * 60 >= 1 ? `${compact.format(rate * 60)}/min` : `${compact.format(rate * 3_600)}/h`;
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * Returns the width of the text in columns, or more. It is never too small, because a line that
 * wraps can't be redrawn. A combining character counts as one column here.
 */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}

export function cut(text: string, width: number): string {
  let columns = 0;
  let end = 0;
  for (const character of text) {
    columns += columnsOf(character);
    if (columns > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Matches East Asian wide and fullwidth characters, approximately, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
