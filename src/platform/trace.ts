/**
 * Traces of the scheduler's decisions, one line each on stderr. Start a program with
 * `NODE_DEBUG=rx-futures node app.js` to print them.
 *
 * A line names the worker, the ids of jobs and the reason. It never contains arguments or results.
 * Only the main thread traces.
 */
import { debuglog } from 'node:util';

const log = debuglog('rx-futures');

/**
 * Prints a line, in the format of `util.format`. It is undefined unless NODE_DEBUG names
 * rx-futures, so call it as `trace?.(…)`. Without NODE_DEBUG such a call costs one comparison, and
 * its arguments are not evaluated.
 */
export const trace = log.enabled ? log : undefined;

/** Number of ids in a line. A batch of thousands of jobs would fill the screen. */
const SHOWN = 8;

/** `3 jobs (#1 #2 #3)`, for a trace. */
export function listOf(jobs: readonly { readonly id: number }[]): string {
  const ids = jobs.slice(0, SHOWN).map(({ id }) => `#${id}`);
  if (jobs.length > SHOWN) ids.push(`and ${jobs.length - SHOWN} more`);
  return `${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'} (${ids.join(' ')})`;
}
