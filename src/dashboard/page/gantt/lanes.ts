/**
 * Puts the runs of a worker into rows, if the worker runs several tasks at a time. A run takes the
 * first row that is free. A task that still runs keeps its row until its end is known.
 */
import type { RunningRow } from '../../frames.js';

/** Rows of one worker. Further runs overlap in the last one. */
const MAX_LANES = 16;

interface WorkerLanes {
  /** Time at which each row is free. Infinity while a task runs in it. */
  readonly freeAt: number[];
  /** Rows of the tasks that run now. */
  readonly open: Map<string, number>;
}

export class Lanes {
  readonly #workers = new Map<string, WorkerLanes>();

  /** Names of all workers that had a task, in the order in which they appeared. */
  get workers(): Iterable<string> {
    return this.#workers.keys();
  }

  countOf(worker: string): number {
    return Math.max(1, this.#workers.get(worker)?.freeAt.length ?? 1);
  }

  laneOf(worker: string, id: number, attempt: number): number {
    return this.#workers.get(worker)?.open.get(keyOf(id, attempt)) ?? 0;
  }

  /** Called with all tasks that run now. */
  openTasks(running: readonly RunningRow[]): void {
    const present = new Set(running.map(({ worker, id, attempt }) => `${worker} ${keyOf(id, attempt)}`));
    for (const { worker, id, attempt, startedAt } of running) {
      const lanes = this.#of(worker);
      const key = keyOf(id, attempt);
      if (lanes.open.has(key)) continue;
      const lane = freeLane(lanes, startedAt);
      lanes.freeAt[lane] = Number.POSITIVE_INFINITY;
      lanes.open.set(key, lane);
    }
    // The run of a task that has ended may not be drawn, so its row is freed here.
    for (const [worker, lanes] of this.#workers) {
      for (const [key, lane] of lanes.open) {
        if (present.has(`${worker} ${key}`)) continue;
        lanes.open.delete(key);
        lanes.freeAt[lane] = 0;
      }
    }
  }

  /** Called with a run that has ended. Returns its row. */
  closed(worker: string, id: number, attempt: number, start: number, end: number): number {
    const lanes = this.#of(worker);
    const key = keyOf(id, attempt);
    const lane = lanes.open.get(key) ?? freeLane(lanes, start);
    lanes.open.delete(key);
    lanes.freeAt[lane] = Math.max(end, lanes.freeAt[lane] === Number.POSITIVE_INFINITY ? 0 : (lanes.freeAt[lane] ?? 0));
    return lane;
  }

  /** Forgets a worker that has ended and has no run on the screen. */
  forget(worker: string): void {
    this.#workers.delete(worker);
  }

  #of(worker: string): WorkerLanes {
    let lanes = this.#workers.get(worker);
    if (lanes === undefined) {
      lanes = { freeAt: [], open: new Map() };
      this.#workers.set(worker, lanes);
    }
    return lanes;
  }
}

/** The times of the worker and of this thread may differ by some us. */
const TOLERANCE_MS = 0.05;

function freeLane({ freeAt }: WorkerLanes, start: number): number {
  const free = freeAt.findIndex((at) => at <= start + TOLERANCE_MS);
  if (free !== -1) return free;
  if (freeAt.length < MAX_LANES) return freeAt.push(0) - 1;
  return MAX_LANES - 1;
}

function keyOf(id: number, attempt: number): string {
  return `${id}/${attempt}`;
}
