/** The displays of runs that have not ended. Each ends once, with its run or with the process. */
import type { ProgressCounter } from '../progress/counter.js';
import type { Ending } from './text.js';

/** Begins to show a run; what it gives ends that. */
export type Open = (counter: ProgressCounter) => (ending: Ending) => void;

const unended = new Set<(ending: Ending) => void>();

/** Opens a display. What it gives ends it, and may be called again. */
export function display(open: Open, counter: ProgressCounter): (ending: Ending) => void {
  const close = open(counter);
  const end = (ending: Ending): void => {
    if (!unended.delete(end)) return;
    if (unended.size === 0) process.off('exit', endAll);
    close(ending);
  };
  // 'exit' comes before Node prints an uncaught error, so that is below the last line.
  if (unended.size === 0) process.on('exit', endAll);
  unended.add(end);
  return end;
}

function endAll(): void {
  for (const end of unended) end('stopped');
}
