/**
 * Plain progress lines, for output that is not a terminal: a file, a pipe, or the log of a build
 * server.
 */
import { clearInterval, setInterval } from '#platform/time';
import { LONGEST_TIMER } from '#platform/timers';
import type { Open } from './display.js';
import { formatProgress, join } from './text.js';

export function linesOn(stream: NodeJS.WritableStream, { label, interval }: { label: string; interval: number }): Open {
  const write = (text: string) => stream.write(`${join(label, text.trimStart())}\n`);
  return (counter) => {
    let written = 0;
    const writeNewProgress = () => {
      const snapshot = counter.snapshot();
      if (snapshot.done > written) write(formatProgress(snapshot));
      written = snapshot.done;
    };
    const timer = interval > LONGEST_TIMER ? undefined : setInterval(writeNewProgress, interval).unref();
    return (ending) => {
      clearInterval(timer);
      write(formatProgress(counter.snapshot(), ending));
    };
  };
}
