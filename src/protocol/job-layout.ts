/**
 * The layout of jobs in the cells of a batch: one writer and its inverse, the readers.
 *
 * The cells of a batch contain one job after another, each as
 *
 *     slot, upstream, id, attempt, argc, steps, key₀, …
 *
 * - `upstream` is the index of the job's upstream in its job tree, or NO_UPSTREAM for a root job. A
 *   job tree ends at the next root job.
 * - Instead of NO_UPSTREAM, a root job with a key has KEYED. The key is then the first argument.
 * - A root job of an actor has ACTOR there, and the id of the actor is the first argument.
 * - `argc` is the number of arguments that the job has in the `args` of the batch. Only root jobs
 *   have arguments.
 * - `argc` is negative if other values stand for some of the arguments: the id of a shared value,
 *   or the bytes of a large value. The positions of the stand-ins follow the arguments, and then
 *   the number of positions. `argc` includes the positions and their number.
 * - `steps` is the number of keys that follow. A key stands for a function. The high-water mark of
 *   a stream follows behind the keys as two negative numbers, bytes and values, and counts as two
 *   of them.
 *
 * The readers return numbers and create no objects, because a worker reads every job with them.
 */
import type { Cells, HighWaterMark } from './messages.js';

/** The key of a task. Tasks with the same key run one at a time. */
export type Key = string | number;

/** Marks a root job, which has no upstream. */
export const NO_UPSTREAM = -1;
/** Marks a root job with a key. The key is before the arguments of the task. */
export const KEYED = -2;
/** The upstream of a root job whose first argument is the id of its actor. */
export const ACTOR = -3;

const UPSTREAM = 1;
const ID = 2;
const ATTEMPT = 3;
const ARGC = 4;
const STEPS = 5;
/** Number of cells of a job before its keys. */
const HEAD_CELLS = 6;
/** Number of cells of a high-water mark. */
const MARK_CELLS = 2;

/** The part of a job that is written. */
interface WritableJob {
  readonly id: number;
  readonly attempt: number;
  readonly steps: readonly { readonly key: number }[];
  /** Undefined for a job that returns one result. */
  readonly highWaterMark: HighWaterMark | undefined;
}

/** Appends a job. `upstream` is the index of its upstream in the job tree, or NO_UPSTREAM. */
export function writeJob(
  cells: { push(cell: number): unknown },
  { id, attempt, steps, highWaterMark }: WritableJob,
  slot: number,
  upstream: number,
  argc: number,
): void {
  cells.push(slot);
  cells.push(upstream);
  cells.push(id);
  cells.push(attempt);
  cells.push(argc);
  cells.push(highWaterMark === undefined ? steps.length : steps.length + MARK_CELLS);
  for (let i = 0; i < steps.length; i++) cells.push(steps[i]!.key);
  if (highWaterMark === undefined) return;
  cells.push(-highWaterMark.bytes);
  cells.push(-highWaterMark.values);
}

export function slotOf(cells: Cells, job: number): number {
  return cells[job]!;
}

export function upstreamOf(cells: Cells, job: number): number {
  return cells[job + UPSTREAM]!;
}

export function isRoot(cells: Cells, job: number): boolean {
  return upstreamOf(cells, job) < 0;
}

export function isKeyed(cells: Cells, job: number): boolean {
  return upstreamOf(cells, job) === KEYED;
}

export function isOfActor(cells: Cells, job: number): boolean {
  return upstreamOf(cells, job) === ACTOR;
}

export function idOf(cells: Cells, job: number): number {
  return cells[job + ID]!;
}

export function attemptOf(cells: Cells, job: number): number {
  return cells[job + ATTEMPT]!;
}

/** Number of arguments. 0 for a job that receives the value of its upstream. */
export function argcOf(cells: Cells, job: number): number {
  return Math.abs(cells[job + ARGC]!);
}

/** Returns true if other values stand for some of the arguments. */
export function hasStandIns(cells: Cells, job: number): boolean {
  return cells[job + ARGC]! < 0;
}

/** Index of the first function key. */
export function firstKeyOf(job: number): number {
  return job + HEAD_CELLS;
}

/** Index behind the last function key. */
export function endOfKeys(cells: Cells, job: number): number {
  return isStream(cells, job) ? nextJob(cells, job) - MARK_CELLS : nextJob(cells, job);
}

export function isStream(cells: Cells, job: number): boolean {
  return cells[nextJob(cells, job) - 1]! < 0;
}

/** How far a stream may be ahead of its reader. */
export function highWaterMarkOf(cells: Cells, stream: number): HighWaterMark {
  const next = nextJob(cells, stream);
  return { values: -cells[next - 1]!, bytes: -cells[next - MARK_CELLS]! };
}

/** Index of the next job. */
export function nextJob(cells: Cells, job: number): number {
  return job + HEAD_CELLS + cells[job + STEPS]!;
}

/** Index of the next job tree. `job` is any job of this tree. */
export function nextTree(cells: Cells, job: number): number {
  let next = nextJob(cells, job);
  while (next < cells.length && !isRoot(cells, next)) next = nextJob(cells, next);
  return next;
}

export function countJobs(cells: Cells): number {
  let count = 0;
  for (let at = 0; at < cells.length; at = nextJob(cells, at)) count++;
  return count;
}
