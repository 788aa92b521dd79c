/**
 * Observes the runs of an executor while a page is connected. It is called for each task, in the
 * middle of the work of the scheduler, so each method does as little as it can.
 */

import { now } from '#platform/time';
import type { TaskInfo } from '../../engine/handles/task-info.js';
import type { RunObserver } from '../../engine/observe/recorder.js';
import type { TaskRun } from '../../engine/run/task-run.js';
import { CANCELLED as IS_CANCELLED, FULFILLED as IS_FULFILLED } from '../../future/state.js';
import { CANCELLED, FAILED, RETRIED, type RunningRow } from '../frames.js';
import { type FunctionCounts, FunctionTable } from './function-table.js';
import { nameOfRun } from './run-name.js';
import { FIRST_STATUS, RunSample } from './run-sample.js';

/** A worker whose ended runs are counted. */
export interface WorkerCount {
  done: number;
}

export class RunCollector implements RunObserver {
  readonly functions = new FunctionTable();
  readonly sample = new RunSample();
  readonly #workers = new WeakMap<object, WorkerCount>();
  #lastWorker: object | undefined;
  #lastCount!: WorkerCount;
  // Most programs run many tasks of one handle, one after another.
  #lastTask: TaskInfo | undefined;
  #lastRow!: FunctionCounts;
  // The choice of `ended`, for the call of `ran` that follows.
  #isTimed = false;
  #root = -1;
  /** The tasks that ran at the last frame, by id. */
  #running: ReadonlyMap<number, RunningRow> = new Map();

  submitted(run: TaskRun): void {
    this.#rowOf(run).known++;
  }

  ended(run: TaskRun): boolean {
    const { worker } = run;
    if (worker !== undefined) this.countOf(worker).done++;
    this.#isTimed = this.#rowOf(run).chooseForTimes();
    this.#root = this.sample.choose(run.id, run.source?.id ?? 0);
    return this.#isTimed || this.#root !== -1;
  }

  ran(run: TaskRun, startedAt: number, endedAt: number, waited: number): void {
    if (this.#isTimed) this.#rowOf(run).addTimes(waited, Math.max(0, endedAt - startedAt));
    if (this.#root === -1) return;
    const { id, worker, attempt } = run;
    const upstream = run.source?.id ?? 0;
    const name = nameOfRun(run);
    const status = FIRST_STATUS;
    const ended = { id, name, worker: worker?.name ?? '', startedAt, endedAt, attempt, waited, upstream, status };
    this.sample.add(ended, this.#root);
  }

  retried(run: TaskRun): void {
    this.#rowOf(run).retried++;
    if (!this.sample.mark(run.id, RETRIED)) this.#addLost(run, RETRIED);
  }

  settled(run: TaskRun): void {
    const row = this.#rowOf(run);
    const { _state } = run.future;
    if (_state === IS_FULFILLED) {
      row.fulfilled++;
    } else if (_state === IS_CANCELLED) {
      row.cancelled++;
      this.#addLost(run, CANCELLED);
    } else {
      row.rejected++;
      if (!this.sample.mark(run.id, FAILED)) this.#addLost(run, FAILED);
    }
  }

  /** The tasks that run now. Some may be cancelled before they end, or end with their worker. */
  set running(rows: readonly RunningRow[]) {
    this.#running = new Map(rows.map((row) => [row.id, row]));
  }

  #rowOf(run: TaskRun): FunctionCounts {
    const { task } = run;
    if (task !== this.#lastTask) {
      this.#lastTask = task;
      this.#lastRow = this.functions.of(nameOfRun(run));
    }
    return this.#lastRow;
  }

  countOf(worker: object): WorkerCount {
    if (worker === this.#lastWorker) return this.#lastCount;
    let count = this.#workers.get(worker);
    if (count === undefined) {
      count = { done: 0 };
      this.#workers.set(worker, count);
    }
    this.#lastWorker = worker;
    this.#lastCount = count;
    return count;
  }

  /** Adds a run whose end no worker has reported. */
  #addLost(run: TaskRun, status: number): void {
    const known = this.#running.get(run.id);
    if (known === undefined || known.attempt !== run.attempt) return;
    const { id, name, worker, startedAt, attempt } = known;
    if (this.sample.choose(id, 0) === -1) return;
    const waited = run.waitedUntil(startedAt);
    this.sample.add({ id, name, worker, startedAt, endedAt: now(), attempt, waited, upstream: 0, status }, id);
  }
}
