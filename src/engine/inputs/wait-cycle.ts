/**
 * Finds streams that would wait forever for their own readers.
 *
 * A stream with a key, or of an actor, starts when the tasks before it in its lane have settled. A
 * task before it may wait for the reader of the stream:
 *
 *   - One task reads two streams of a key in turns. The first one waits for its reader, and the
 *     second one waits behind it.
 *   - Two tasks with different keys each read a stream that has the key of the other.
 *   - A step that is chained to the reader has the key of the stream, and so its place before it.
 *
 * The call does not show that. So the stream is looked at now and then while it waits. If two looks
 * find that it can't start, it fails. One look alone may come between two messages of a worker.
 */
import { setTimeout, unref } from '#platform/time';
import type { Future } from '../../future/future.js';
import type { Producer } from '../../future/producer.js';
import { SENT, WAITING } from '../../scheduling/job/job-state.js';
import type { JobLane } from '../../scheduling/job/place.js';
import type { TaskRun } from '../run/task-run.js';

/** ms between two looks. A message of a worker that is not blocked takes a small part of it. */
const LOOK_MS = 250;

/** Unsettled runs that read a stream, or that a task reads, and have a key or an actor. */
const inLanes = new Set<TaskRun>();
/** Streams that have not started. The value is true if the last look found that they can't. */
const unstarted = new Map<TaskRun, boolean>();
let isTimed = false;

/** Called when a run is known to take part in a stream. */
export function entersLane(run: TaskRun): void {
  if (run.task.options.key !== undefined) inLanes.add(run);
}

/** Watches a stream that another task waits for, until it starts. */
export function watchStart(stream: TaskRun): void {
  if (stream.task.options.key === undefined) return;
  unstarted.set(stream, false);
  lookLater();
}

/** Called when the future of a run has settled. */
export function leavesLane(run: TaskRun): void {
  inLanes.delete(run);
  unstarted.delete(run);
}

function lookLater(): void {
  if (isTimed) return;
  isTimed = true;
  unref(
    setTimeout(() => {
      isTimed = false;
      look();
      if (unstarted.size > 0) lookLater();
    }, LOOK_MS),
  );
}

function look(): void {
  for (const stream of [...unstarted.keys()])
    if (stream.future.isSettled || hasStarted(stream)) unstarted.delete(stream);
  const stuck = stuckRuns();
  for (const [stream, wasStuck] of unstarted) {
    if (wasStuck && stuck.has(stream)) {
      // The failure may call code of the user, and changes who waits for whom. The next look finds
      // the other streams that are still stuck.
      stream.failAndStop(waitsForever(stream));
      return;
    }
    unstarted.set(stream, stuck.has(stream));
  }
}

/** The runs for which a run may wait. */
interface Waits {
  /** The lane in which an unstarted run waits for the runs before it. */
  readonly lane: JobLane | undefined;
  /** Runs whose values are arguments of an unstarted one. */
  readonly inputs: readonly TaskRun[];
  /** Streams and the reader for which a started run may wait. */
  readonly partners: readonly TaskRun[];
}

/**
 * Returns the runs that wait for each other, so that none of them can go on. First it finds all
 * runs for which an unstarted stream may wait, directly or not. Then it removes each one that may
 * go on, until none is left that may.
 */
function stuckRuns(): ReadonlySet<TaskRun> {
  const members = laneMembers();
  const lines = new Map<JobLane, Line>();
  const waiting = new Map<TaskRun, Waits>();
  const found = [...unstarted.keys()];
  for (const run of found) {
    if (waiting.has(run)) continue;
    const waits = waitsOf(run);
    waiting.set(run, waits);
    found.push(...waits.inputs, ...waits.partners);
    const { lane } = waits;
    if (lane === undefined) continue;
    const line = lines.get(lane) ?? new Line(lane, members.get(lane));
    lines.set(lane, line);
    for (const other of line.upTo(run)) found.push(other);
  }
  const order = [...waiting].sort(([a], [b]) => a.id - b.id);
  const isStuck = (run: TaskRun) => waiting.has(run);
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const line of lines.values()) line.stuck = 0;
    for (const [run, { lane, inputs, partners }] of order) {
      if (!waiting.has(run)) continue;
      const isBehind = lane !== undefined && lines.get(lane)!.stuck >= lane.concurrency;
      // A run that has started may wait for any of its partners, so all of them must be stuck.
      const isLeft = isBehind || inputs.some(isStuck) || (partners.length > 0 && partners.every(isStuck));
      if (!isLeft) isChanged = waiting.delete(run);
      else if (run.place !== undefined) lines.get(run.place.lane)?.count(run);
    }
  }
  return new Set(waiting.keys());
}

/**
 * The runs of a lane that take part in a stream, or wait for an argument, in the order of their
 * submits. Others settle by themselves.
 */
class Line {
  /** Number of runs that were found to be stuck. Counted anew each time, in the same order. */
  stuck = 0;
  readonly #runs: readonly TaskRun[];
  readonly #known: ReadonlySet<TaskRun>;
  #next = 0;

  constructor(lane: JobLane, members: readonly TaskRun[] = []) {
    const runs = new Set(members);
    for (const job of lane.unsent as Iterable<TaskRun>) if (job.state === WAITING) runs.add(job);
    this.#known = runs;
    this.#runs = [...runs].sort((a, b) => a.id - b.id);
  }

  /** Returns the runs before a run, without those that an earlier call has returned. */
  upTo(run: TaskRun): readonly TaskRun[] {
    const first = this.#next;
    while (this.#next < this.#runs.length && this.#runs[this.#next]!.id < run.id) this.#next++;
    return this.#runs.slice(first, this.#next);
  }

  count(run: TaskRun): void {
    if (this.#known.has(run)) this.stuck++;
  }
}

function laneMembers(): ReadonlyMap<JobLane, readonly TaskRun[]> {
  const lanes = new Map<JobLane, TaskRun[]>();
  for (const run of inLanes) {
    const lane = run.place?.lane;
    if (lane === undefined || run.future.isSettled) continue;
    const members = lanes.get(lane);
    if (members === undefined) lanes.set(lane, [run]);
    else members.push(run);
  }
  return lanes;
}

function waitsOf(run: TaskRun): Waits {
  if (hasStarted(run)) return { lane: undefined, inputs: [], partners: partnersOf(run) };
  return { lane: run.place?.lane, inputs: inputsOf(run), partners: [] };
}

/** The unsettled runs whose values are arguments of a run, also through functions of a chain. */
function inputsOf({ sources }: TaskRun): TaskRun[] {
  const runs: TaskRun[] = [];
  for (const source of sources) {
    let future: Future<any> | undefined = source;
    while (future !== undefined && !isOfTask(future._producer)) future = future._producer.source;
    if (future?.isSettled === false) runs.push(future._producer as TaskRun);
  }
  return runs;
}

function isOfTask(producer: Producer): producer is TaskRun {
  return 'steps' in producer;
}

/** Streams and the reader for which a started run may wait. None if it is known to go on. */
function partnersOf(run: TaskRun): readonly TaskRun[] {
  const { streams, worker } = run;
  if (streams === undefined || worker === undefined || !worker.isWaiting(run) || streams.awaitsCaller) return [];
  const { reader } = streams;
  const partners = reader === undefined ? streams.sources : [...streams.sources, reader];
  return partners.filter(({ future }) => !future.isSettled);
}

function hasStarted(run: TaskRun): boolean {
  return run.state === SENT && run.worker?.hasClaimed(run) === true;
}

function waitsForever(stream: TaskRun): TypeError {
  const { name, place, streams } = stream;
  const lane = place!.lane;
  const before =
    lane.actor === undefined
      ? `behind other tasks of the key ${JSON.stringify(lane.key)}`
      : `behind other calls of actor "${lane.actor.name}"`;
  const advice =
    lane.actor === undefined ? 'Give the stream another key, or none.' : 'Increase the concurrency of the actor.';
  return new TypeError(
    `Stream "${name}" waits ${before}, which wait for its reader "${streams!.reader!.name}". They would wait forever. ${advice}`,
  );
}
