/** The open displays. Each display ends once: with its run or with the process. */
import type { ProgressCounter } from '../progress/counter.js';
import type { Ending } from './text.js';

/** Starts to show a run. Returns a function that ends the display. */
export type Open = (counter: ProgressCounter) => (ending: Ending) => void;

const unended = new Set<(ending: Ending) => void>();

/**
 * Opens a display. Returns a function that ends it, and that may be called again without effect.
 */
export function display(open: Open, counter: ProgressCounter): (ending: Ending) => void {
  const close = open(counter);
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
