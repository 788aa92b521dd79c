/** Plain lines for where there is no terminal: a file, a pipe, the log of a build machine. */
import { clearInterval, setInterval } from '../platform/time.js';
import { LONGEST_TIMER } from '../platform/timers.js';
import type { Open } from './display.js';
import { join, tell } from './text.js';

export function linesOn(stream: NodeJS.WritableStream, { label, interval }: { label: string; interval: number }): Open {
  const write = (text: string) => stream.write(`${join(label, text.trimStart())}\n`);
  return (counter) => {
    let told = 0;
    const tellNews = () => {
      const standing = counter.standing();
      if (standing.done > told) write(tell(standing));
      told = standing.done;
    };
    const timer = interval > LONGEST_TIMER ? undefined : setInterval(tellNews, interval).unref();
    return (ending) => {
      clearInterval(timer);
      write(tell(counter.standing(), ending));
    };
  };
}
