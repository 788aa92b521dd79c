// @ts-check
/** Reports what is written to the console. The console of the browser shows it too. */
import { format } from './inspect.js';

const LEVELS = /** @type {const} */ (['log', 'info', 'warn', 'error', 'debug']);

/** @param {(line: { level: typeof LEVELS[number], text: string }) => void} report */
export function reportConsole(report) {
  for (const level of LEVELS) {
    const original = console[level];
    console[level] = (...values) => {
      original.apply(console, values);
      report({ level, text: format(values) });
    };
  }
}
