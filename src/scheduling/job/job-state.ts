/**
 * The states of a job, and all moves between them.
 *
 *     waiting ──► queued ──► sent ──► gone
 *
 *   - waiting → sent: The upstream of the job is in the same tree, so both are sent together.
 *   - waiting, queued → gone: The job was cancelled, or can't be sent.
 *   - sent → waiting: The job was revoked, or its worker has ended before it started the job.
 *   - gone → waiting: The job has failed and is retried.
 */
export const WAITING = 0;
export const QUEUED = 1;
export const SENT = 2;
export const GONE = 3;

const names = ['waiting', 'queued', 'sent', 'gone'];

/** Bit `to` of entry `from` is set if a job may move from one state to the other. */
const moves = [
  (1 << QUEUED) | (1 << SENT) | (1 << GONE),
  (1 << SENT) | (1 << GONE),
  (1 << WAITING) | (1 << GONE),
  1 << WAITING,
];

/** The part of a job that has the state. */
interface StatefulJob {
  readonly id: number;
  state: number;
}

/**
 * Advances a job to `state`. All changes of a job's state happen here.
 *
 * A wrong move means that a task would run twice or never settle. Nothing may fail silently (G10),
 * so the check is not left to a debug build.
 *
 * @throws Error if the table has no such move
 */
export function advanceJob(job: StatefulJob, state: number): void {
  if (!mayAdvance(job.state, state)) throw wrongMove(job, state);
  job.state = state;
}

export function mayAdvance(from: number, to: number): boolean {
  return ((moves[from]! >> to) & 1) === 1;
}

export function jobStateName(state: number): string {
  return names[state]!;
}

function wrongMove({ id, state }: StatefulJob, to: number): Error {
  const move = `from "${jobStateName(state)}" to "${jobStateName(to)}"`;
  return new Error(`Job ${id} can't move ${move}. Report this as a bug in rx-futures.`);
}
