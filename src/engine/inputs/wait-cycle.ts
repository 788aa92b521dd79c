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
  const lanes = laneMembers();
  for (const [stream, wasStuck] of [...unstarted]) {
    if (stream.future.isSettled || hasStarted(stream)) unstarted.delete(stream);
    else if (!waitsForever(stream, lanes)) unstarted.set(stream, false);
    else if (!wasStuck) unstarted.set(stream, true);
    else {
      fail(stream);
      // The failure may have called code of the user, and has changed who waits for whom.
      return;
    }
  }
}

function fail(stream: TaskRun): void {
  const error = stuck(stream);
  // A worker may hold the job already, and must not start it.
  stream.stop(error);
  stream.fail(error);
}

type Lanes = ReadonlyMap<JobLane, readonly TaskRun[]>;

function laneMembers(): Lanes {
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

/** The runs for which a run may wait. */
interface Waits {
  /** Runs before an unstarted one in its lane, and how many of them may run beside it. */
  readonly before: readonly TaskRun[];
  readonly concurrency: number;
  /** Runs whose values are arguments of an unstarted one. */
  readonly inputs: readonly TaskRun[];
  /** Streams and the reader for which a started run may wait. */
  readonly partners: readonly TaskRun[];
}

/**
 * Returns true if the stream waits for a set of runs that all wait for each other. First it finds
 * all runs for which the stream may wait, directly or not. Then it removes each one that may go on,
 * until none is left that may.
 */
function waitsForever(stream: TaskRun, lanes: Lanes): boolean {
  const waiting = new Map<TaskRun, Waits>();
  const found = [stream];
  for (const run of found) {
    if (waiting.has(run)) continue;
    const waits = waitsOf(run, lanes);
    waiting.set(run, waits);
    found.push(...waits.before, ...waits.inputs, ...waits.partners);
  }
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const [run, waits] of waiting) if (mayGoOn(waits, waiting)) isChanged = waiting.delete(run);
  }
  return waiting.has(stream);
}

function mayGoOn(waits: Waits, stuck: ReadonlyMap<TaskRun, Waits>): boolean {
  const { before, concurrency, inputs, partners } = waits;
  const isStuck = (run: TaskRun) => stuck.has(run);
  if (inputs.some(isStuck) || before.filter(isStuck).length >= concurrency) return false;
  // A run that has started may wait for any of its partners, so all of them must be stuck.
  return partners.length === 0 || !partners.every(isStuck);
}

function waitsOf(run: TaskRun, lanes: Lanes): Waits {
  if (hasStarted(run)) return { before: [], concurrency: 1, inputs: [], partners: partnersOf(run) };
  const lane = run.place?.lane;
  const before = lane === undefined ? [] : aheadOf(run, lane, lanes);
  return { before, concurrency: lane?.concurrency ?? 1, inputs: inputsOf(run), partners: [] };
}

/**
 * Returns the runs before one in its lane that take part in a stream, or wait for an argument.
 * Others settle by themselves.
 */
function aheadOf(run: TaskRun, lane: JobLane, lanes: Lanes): TaskRun[] {
  const others = new Set(lanes.get(lane));
  for (const job of lane.unsent as Iterable<TaskRun>) if (job.state === WAITING) others.add(job);
  return [...others].filter(({ id }) => id < run.id);
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

function stuck(stream: TaskRun): TypeError {
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
