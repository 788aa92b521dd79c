/** The open displays. Each display ends once: with its run or with the process. */
import type { DrawBar, Ending } from './text.js';

/** A line that changes. */
export interface Shown {
  /** Returns the line, in at most `width` columns. */
  line(width: number, draw: DrawBar, ending?: Ending): string;
  /** Returns the line as plain text, which may have any width. */
  text(ending?: Ending): string;
  /** A value that is different after each change. Without a change, no plain line is written. */
  version(): unknown;
}

/** Starts to show a line. Returns a function that ends the display. */
export type Open = (shown: Shown) => (ending: Ending) => void;

const unended = new Set<(ending: Ending) => void>();

/**
 * Opens a display. Returns a function that ends it, and that may be called again without effect.
 */
export function display(open: Open, shown: Shown): (ending: Ending) => void {
  const close = open(shown);
  const end = (ending: Ending): void => {
    if (!unended.delete(end)) return;
    if (unended.size === 0) process.off('exit', endAll);
    close(ending);
  };
  // Node emits 'exit' before it prints an uncaught error, so the error is printed below the last
  // line.
  if (unended.size === 0) process.on('exit', endAll);
  unended.add(end);
  return end;
}

function endAll(): void {
  for (const end of unended) end('stopped');
}
