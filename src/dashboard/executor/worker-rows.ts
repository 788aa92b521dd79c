/** The workers of an executor and the tasks that run on them, as rows. */
import { now, performance } from '#platform/time';
import { TaskRun } from '../../engine/run/task-run.js';
import type { Job } from '../../scheduling/job/job.js';
import { GONE } from '../../scheduling/job/job-state.js';
import type { Worker } from '../../scheduling/worker/worker.js';
import type { RunningRow, WorkerRow } from '../frames.js';
import type { RunCollector } from './run-collector.js';
import { nameOfRun } from './run-name.js';

const MAX_WORKERS = 64;
const MAX_RUNNING = 200;
/** A task is long if it takes so many times as long as nearly all other runs of its function. */
const LONG_FACTOR = 10;
/** Time in ms after which a worker that has not answered a ping counts as blocked. */
const MAX_ANSWER_MS = 1_000;
/** A shorter task is never called long. */
const MIN_LONG_MS = 5_000;

/** The last measurement of a worker. */
interface Measure {
  readonly at: number;
  readonly busyTime: number;
  readonly idleTime: number;
  readonly busy: number | undefined;
  readonly loop: number | undefined;
}

export class WorkerRows {
  readonly #collector: RunCollector;
  readonly #measures = new WeakMap<Worker, Measure>();

  constructor(collector: RunCollector) {
    this.#collector = collector;
  }

  /** Measures the workers since the last call. Asks for their memory, for the next call. */
  measure(workers: Iterable<Worker>): void {
    for (const worker of workers) {
      if (worker.state !== 'ready' || !worker.isOwned) continue;
      this.#measures.set(worker, measure(worker, this.#measures.get(worker)));
      worker.post({ type: 'measure' });
    }
  }

  rows(workers: Iterable<Worker>): WorkerRow[] {
    const rows: WorkerRow[] = [];
    for (const worker of workers) {
      if (rows.length === MAX_WORKERS) break;
      const { name, threadId, state, inFlight, actors, heap } = worker;
      const { busy, loop } = this.#measures.get(worker) ?? {};
      rows.push({
        name,
        threadId,
        state: state === 'ready' ? (inFlight.count > 0 ? 'busy' : 'idle') : state,
        trouble: troubleOf(worker),
        inFlight: inFlight.count,
        actors: actors.size,
        done: this.#collector.countOf(worker).done,
        busy,
        loop,
        heap: heap === 0 ? undefined : heap,
      });
    }
    return rows;
  }

  /** Returns the running tasks and their number. */
  running(workers: Iterable<Worker>): { rows: RunningRow[]; running: number; lingering: number } {
    const found: { job: Job; worker: Worker }[] = [];
    let lingering = 0;
    for (const worker of workers) {
      for (const job of worker.inFlight.running()) {
        found.push({ job, worker });
        if (job.state === GONE) lingering++;
      }
    }
    const rows = found
      .map(({ job, worker }) => ({ job, worker, startedAt: worker.startedAt(job.slot) }))
      .sort((a, b) => a.startedAt - b.startedAt)
      .slice(0, MAX_RUNNING)
      .map(({ job, worker, startedAt }) => this.#row(job, worker, startedAt));
    return { rows, running: found.length - lingering, lingering };
  }

  #row(job: Job, worker: Worker, startedAt: number): RunningRow {
    const { id, attempt } = job;
    return {
      id,
      name: nameOf(job),
      worker: worker.name,
      startedAt,
      attempt,
      trouble: this.#troubleOf(job, worker, startedAt),
    };
  }

  #troubleOf(job: Job, worker: Worker, startedAt: number): RunningRow['trouble'] {
    if (job.state === GONE) return 'lingering';
    if (isBlocked(worker)) return 'blocked';
    const time = now() - startedAt;
    if (time < MIN_LONG_MS) return undefined;
    const usual = this.#collector.functions.usualTime(nameOf(job));
    return usual !== undefined && time > LONG_FACTOR * usual ? 'long' : undefined;
  }
}

function nameOf(job: Job): string {
  return job instanceof TaskRun ? nameOfRun(job) : '';
}

function troubleOf(worker: Worker): string | undefined {
  if (worker.lingers) return 'a cancelled task has not stopped';
  return isBlocked(worker) ? 'does not answer' : undefined;
}

/** A worker on a busy machine may take a while to answer. */
function isBlocked(worker: Worker): boolean {
  return worker.state === 'ready' && worker.unansweredFor > MAX_ANSWER_MS;
}

function measure(worker: Worker, last: Measure | undefined): Measure {
  const at = performance.now();
  const { idleTime } = worker;
  const { busyTime } = worker.load;
  if (last === undefined) return { at, busyTime, idleTime, busy: undefined, loop: undefined };
  const passed = at - last.at;
  return {
    at,
    busyTime,
    idleTime,
    busy: share((busyTime - last.busyTime) / passed),
    // 0 also stands for a backend that does not know the idle time.
    loop: idleTime === 0 ? undefined : share(1 - (idleTime - last.idleTime) / passed),
  };
}

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
}
