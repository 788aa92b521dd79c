/** The data of a source on the page: its runs, its charts and its failures. All are bounded. */
import { CELLS_PER_RUN, type FailureRow, type Point, type Runs, type SourceFrame, type Tables } from '../frames.js';
import { Lanes } from './gantt/lanes.js';

const MAX_RUNS = 24_000;
const MAX_POINTS = 600;
const MAX_FAILURES = 50;
/** Frames over which a rate is averaged: a second. */
const RATE_FRAMES = 5;

/** A run, as the task stream draws it. */
export interface Run {
  readonly id: number;
  readonly task: string;
  readonly worker: string;
  /** ms since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly upstream: number;
  readonly status: number;
  readonly attempt: number;
  readonly waited: number;
  /** Row within the rows of the worker, if it runs several tasks at a time. */
  readonly lane: number;
}

export class SourceModel {
  readonly name: string;
  readonly lanes = new Lanes();
  runs: Run[] = [];
  points: Point[] = [];
  failures: FailureRow[] = [];
  latest: SourceFrame | undefined;
  tables: Tables | undefined;
  /** Runs of the last second: those that ended, and those that were sent. */
  sampled = { seen: 0, drawn: 0 };
  readonly #recent: { seen: number; drawn: number }[] = [];

  constructor(name: string) {
    this.name = name;
  }

  add(at: number, frame: SourceFrame): void {
    const { counts, runs, failures, tables } = frame;
    this.latest = frame;
    if (tables !== undefined) this.tables = tables;
    const done = counts.fulfilled + counts.rejected + counts.cancelled;
    this.addPoints([{ at, queued: counts.queued, running: counts.running, done, failed: counts.rejected }]);
    this.addFailures(failures);
    this.addRuns(runs);
    this.lanes.openTasks(frame.running);
    this.#recent.push({ seen: runs.seen, drawn: runs.cells.length / CELLS_PER_RUN });
    if (this.#recent.length > RATE_FRAMES) this.#recent.shift();
    const sum = (key: 'seen' | 'drawn') => this.#recent.reduce((total, each) => total + each[key], 0);
    this.sampled = { seen: sum('seen'), drawn: sum('drawn') };
  }

  addPoints(points: readonly Point[]): void {
    this.points.push(...points);
    if (this.points.length > MAX_POINTS) this.points = this.points.slice(-MAX_POINTS);
  }

  addFailures(failures: readonly FailureRow[]): void {
    const last = this.failures[0]?.n ?? 0;
    const fresh = failures.filter(({ n }) => n > last).toReversed();
    if (fresh.length > 0) this.failures = [...fresh, ...this.failures].slice(0, MAX_FAILURES);
  }

  addRuns({ cells, tasks, workers, base }: Runs): void {
    for (let i = 0; i < cells.length; i += CELLS_PER_RUN) {
      const [worker, task, start, end, id, upstream, status, attempt, waited] = cells.slice(i, i + CELLS_PER_RUN);
      const name = workers[worker!]!;
      const times = { start: base + start!, end: base + end! };
      const lane = this.lanes.closed(name, id!, attempt!, times.start, times.end);
      this.runs.push({
        ...{ id: id!, task: tasks[task!]!, worker: name, ...times, lane },
        ...{ upstream: upstream!, status: status!, attempt: attempt!, waited: waited! },
      });
    }
    if (this.runs.length > MAX_RUNS + MAX_RUNS / 8) this.runs = this.runs.slice(-MAX_RUNS);
  }

  /** Returns how fast a count of the points grows, in 1/s. */
  rate(key: 'done' | 'failed'): number {
    const last = this.points.at(-1);
    const before = this.points.at(-1 - RATE_FRAMES) ?? this.points[0];
    if (last === undefined || before === undefined || last === before) return 0;
    return Math.max(0, ((last[key] - before[key]) / (last.at - before.at)) * 1_000);
  }
}
