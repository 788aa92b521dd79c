/**
 * Writes what was recorded as events of the Trace Event Format.
 *
 * - Each row of a worker is a thread. Its slices are the starts of the worker and the runs of
 *   tasks.
 * - A wait is a pair of asynchronous events, because waits overlap.
 * - A chain is an arrow (a flow) through the slices of its tasks. The first dependent of a task
 *   continues its arrow, and each further dependent starts an arrow of its own.
 *
 * Events of arrows come after all slices. A viewer sorts by time and keeps the order of equal
 * times, so the slice of an arrow is open when the arrow is read.
 */
import { type Placed, place, type Span } from './lanes.js';
import type { Mark, Recorded, Run, WorkerStart } from './recorded.js';
import type { TraceEvent } from './trace-event.js';

/** A started run or the start of a worker, and its place. */
interface Slice extends Placed {
  readonly entry: (Run & { readonly startedAt: number }) | WorkerStart;
  readonly tid: number;
}

/** Thread id of waits and of runs that never started. */
const QUEUE_TID = 0;
const COLORS: Readonly<Record<string, string>> = { rejected: 'terrible', retried: 'bad', cancelled: 'grey' };

/** Returns the time of the first event, in ms since the epoch. */
export function startOf(recorded: readonly Recorded[]): number {
  let start = Number.POSITIVE_INFINITY;
  for (const entry of recorded) {
    if (entry.type === 'mark') start = Math.min(start, entry.at);
    else if (entry.type === 'start') start = Math.min(start, entry.startedAt);
    else start = Math.min(start, entry.submittedAt, entry.startedAt ?? entry.submittedAt);
  }
  return start;
}

/** @param start time in ms since the epoch from which the times of the events count */
export function* writeEvents(
  recorded: readonly Recorded[],
  { executor, pid, start }: { executor: string; pid: number; start: number },
): Iterable<TraceEvent> {
  const us = (ms: number) => Math.round((ms - start) * 1e6) / 1e3;
  const marks = recorded.filter((entry) => entry.type === 'mark');
  const runs = recorded.filter((entry) => entry.type === 'run');
  const { slices, threads } = layOut(recorded, marks, us);
  const latest = lastRuns(runs);

  yield name('process_name', `rx-futures ${executor}`, pid, QUEUE_TID);
  yield name('thread_name', 'queue', pid, QUEUE_TID);
  for (const [tid, label] of threads.labels.entries()) {
    yield name('thread_name', label, pid, tid + 1);
    yield { ...name('thread_sort_index', '', pid, tid + 1), args: { sort_index: tid + 1 } };
  }
  for (const slice of slices) yield* writeSlice(slice, pid);
  for (const { cat, name, worker, at, args } of marks)
    yield { name, ph: 'i', cat, ts: us(at), pid, tid: threads.tidOf(worker, 0), s: 't', args };
  for (const run of runs) yield* writeWait(run, latest, us, pid);
  yield* writeArrows(slices, latest, pid);
}

function name(kind: string, label: string, pid: number, tid: number): TraceEvent {
  return { name: kind, ph: 'M', cat: '__metadata', ts: 0, pid, tid, args: { name: label } };
}

/** Puts all slices on threads. Threads are sorted by the number at the end of the worker's name. */
function layOut(recorded: readonly Recorded[], marks: readonly Mark[], us: (ms: number) => number) {
  const entries = recorded.filter(isSlice);
  const spans = entries.map(({ worker, startedAt, endedAt }): Span => {
    return { worker: worker!, start: us(startedAt), end: us(endedAt) };
  });
  const places = place(spans);
  const rows = new Map<string, number>();
  for (const { worker } of marks) rows.set(worker, 1);
  for (const [i, { worker }] of spans.entries()) rows.set(worker, Math.max(rows.get(worker) ?? 1, places[i]!.row + 1));
  const labels: string[] = [];
  const first = new Map<string, number>();
  for (const worker of [...rows.keys()].sort(byNumber)) {
    first.set(worker, labels.length + 1);
    for (let row = 1; row <= rows.get(worker)!; row++) labels.push(row === 1 ? worker : `${worker} (${row})`);
  }
  const tidOf = (worker: string, row: number) => first.get(worker)! + row;
  const slices = entries.map((entry, i): Slice => {
    return { entry, ...places[i]!, tid: tidOf(entry.worker!, places[i]!.row) };
  });
  return { slices, threads: { labels, tidOf } };
}

function isSlice(entry: Recorded): entry is Slice['entry'] {
  return (
    entry.type === 'start' || (entry.type === 'run' && entry.startedAt !== undefined && entry.worker !== undefined)
  );
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Returns the last run of each task. */
function lastRuns(runs: readonly Run[]): ReadonlyMap<number, Run> {
  const latest = new Map<number, Run>();
  for (const run of runs) if (run.attempt >= (latest.get(run.id)?.attempt ?? 0)) latest.set(run.id, run);
  return latest;
}

function* writeSlice({ entry, start, end, tid }: Slice, pid: number): Iterable<TraceEvent> {
  const { threadId } = entry;
  const at = { ts: start, dur: lengthOf(start, end), pid, tid };
  if (entry.type === 'start') {
    yield { name: 'start of the worker', ph: 'X', cat: 'worker', ...at, args: { threadId } };
    return;
  }
  const { id, name, attempt, status, error, upstreamId } = entry;
  const cname = COLORS[status];
  const args = { id, attempt, status, error, upstreamId, threadId };
  yield { name, ph: 'X', cat: 'task', ...at, ...(cname !== undefined && { cname }), args };
  if (cname === undefined) return;
  // A viewer without colors shows the failure as a moment.
  const label = error === undefined ? status : `${status}: ${error}`;
  yield { name: label, ph: 'i', cat: 'task', ts: lastMoment(start, end), pid, tid, s: 't', args: { id } };
}

/** Writes the time that a run has waited. A step of a chain waits from the end of its upstream. */
function* writeWait(run: Run, latest: ReadonlyMap<number, Run>, us: (ms: number) => number, pid: number) {
  const { id, name, attempt, status, submittedAt, startedAt, endedAt, upstreamId, error } = run;
  const upstream = upstreamId === undefined || attempt > 1 ? undefined : latest.get(upstreamId);
  // The task never became ready.
  if (upstream !== undefined && startedAt === undefined && upstream.status !== 'fulfilled') return;
  const from = us(Math.max(submittedAt, upstream?.endedAt ?? submittedAt));
  const to = us(startedAt ?? endedAt);
  if (to <= from) return;
  const shared = { name, cat: 'queue', id: `${id}.${attempt}`, pid, tid: QUEUE_TID };
  const args = startedAt === undefined ? { id, attempt, status, error } : { id, attempt };
  yield { ...shared, ph: 'b' as const, ts: from, args };
  yield { ...shared, ph: 'e' as const, ts: to };
}

function* writeArrows(slices: readonly Slice[], latest: ReadonlyMap<number, Run>, pid: number): Iterable<TraceEvent> {
  const firstOf = new Map<number, Slice>();
  const lastOf = new Map<number, Slice>();
  for (const slice of slices) {
    if (slice.entry.type !== 'run') continue;
    const { id, attempt } = slice.entry;
    if (attempt === 1) firstOf.set(id, slice);
    if (latest.get(id) === slice.entry) lastOf.set(id, slice);
  }
  /** The slices of each arrow. */
  const arrows: Slice[][] = [];
  /** The arrow that ends at a task, which one dependent may continue. */
  const endingAt = new Map<number, Slice[]>();
  // The upstream of a task started before the task. The ids of a queue are in no order.
  for (const [id, slice] of [...firstOf].sort(([, a], [, b]) => a.start - b.start)) {
    const { upstreamId } = slice.entry as Run;
    const upstream = upstreamId === undefined ? undefined : lastOf.get(upstreamId);
    if (upstream === undefined) continue;
    const arrow = endingAt.get(upstreamId!);
    endingAt.delete(upstreamId!);
    if (arrow === undefined) {
      const own = [upstream, slice];
      arrows.push(own);
      endingAt.set(id, own);
    } else {
      arrow.push(slice);
      endingAt.set(id, arrow);
    }
  }
  for (const [index, arrow] of arrows.entries()) {
    for (const [i, { start, tid }] of arrow.entries()) {
      // The DevTools look for a slice with the same category and the same time.
      const shared = { name: 'chain', cat: 'task', ts: start, id: index + 1, pid, tid };
      if (i === 0) yield { ...shared, ph: 's' };
      else if (i < arrow.length - 1) yield { ...shared, ph: 't' };
      else yield { ...shared, ph: 'f', bp: 'e' };
    }
  }
}

/** Returns the last nanosecond of a slice. */
function lastMoment(start: number, end: number): number {
  return Math.max(start, round(end - 0.001));
}

function lengthOf(start: number, end: number): number {
  return round(end - start);
}

function round(us: number): number {
  return Math.round(us * 1e3) / 1e3;
}
