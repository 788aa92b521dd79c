/**
 * Plain progress lines, for output that is not a terminal: a file, a pipe, or the log of a build
 * server.
 */
import { clearInterval, setInterval } from '#platform/time';
import { LONGEST_TIMER } from '#platform/timers';
import type { Open } from './display.js';

export function linesOn(stream: NodeJS.WritableStream, interval: number): Open {
  const write = (text: string) => stream.write(`${text}\n`);
  return (shown) => {
    let written = shown.version();
    const writeChange = () => {
      const version = shown.version();
      if (version !== written) write(shown.text());
      written = version;
    };
    const timer = interval > LONGEST_TIMER ? undefined : setInterval(writeChange, interval).unref();
    return (ending) => {
      clearInterval(timer);
      write(shown.text(ending));
    };
  };
}
