/** The servers of a queue and the jobs that they have claimed, as rows of a dashboard. */
import type { RunningRow, WorkerRow } from '../../dashboard/frames.js';
import type { ClaimedJob } from './job-reader.js';

export function runningRow({ id, name, server, claimedAt }: ClaimedJob): RunningRow {
  const number = Number(/^future-(\d+)/.exec(id)?.[1] ?? 0);
  return { id: number, name, worker: server, startedAt: claimedAt, attempt: 1, trouble: undefined };
}

/**
 * Returns the name of a server, which is the end of the name of its connection:
 * `bull:<queue in base64>:w:<server>`.
 */
export function serverNameIn(connection: string): string {
  return /:w:(.*)$/s.exec(connection)?.[1] ?? '';
}

/** Returns the servers that are connected, and those that have claimed a job. */
export function serverRows(connected: readonly string[], claimed: readonly ClaimedJob[]): WorkerRow[] {
  const names = new Set([...connected, ...claimed.map(({ server }) => server)].filter((name) => name !== ''));
  return [...names].sort().map((name) => {
    const inFlight = claimed.filter(({ server }) => server === name).length;
    const state = inFlight > 0 ? 'busy' : 'idle';
    return {
      ...{ name, state, inFlight, actors: 0, done: 0 },
      ...{ threadId: undefined, busy: undefined, loop: undefined, heap: undefined },
      trouble: connected.includes(name) ? undefined : 'is not connected',
    };
  });
}
