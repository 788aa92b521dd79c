/**
 * The task stream, as data: a lane for each worker, and a bar for each run of a task. It is made of
 * the events of executors. Tasks of a worker that run at the same time are in different rows.
 */

/** The fields of an event of an executor that are used here. An error is a text. */
export interface TaskEvent {
  readonly type: string;
  /** In ms since the epoch. */
  readonly at: number;
  readonly executor: string;
  readonly worker?: string | undefined;
  readonly id?: number;
  readonly name?: string;
  readonly attempt?: number;
  readonly ran?: number | undefined;
  readonly status?: 'fulfilled' | 'rejected' | 'cancelled';
  readonly error?: string;
}

export interface Bar {
  readonly key: string;
  readonly id: number;
  readonly name: string;
  /** The number of the run, 1 for the first one. */
  readonly attempt: number;
  readonly row: number;
  /** In ms since the first event. */
  readonly start: number;
  /** Undefined while the task runs. */
  end: number | undefined;
  state: 'running' | 'fulfilled' | 'rejected' | 'cancelled';
  error: string | undefined;
}

export interface Lane {
  readonly worker: string;
  readonly from: number;
  readyAt: number | undefined;
  endedAt: number | undefined;
  hasDied: boolean;
  readonly bars: Bar[];
  /** Time at which the last bar of each row ends. */
  readonly rows: number[];
}

/** A page with more rectangles is slow. */
export const MOST_BARS = 1_500;

export class TaskStream {
  readonly lanes: Lane[] = [];
  /** The names of all tasks, in the order in which they were started. */
  readonly names: string[] = [];
  readonly counts = { submitted: 0, fulfilled: 0, rejected: 0, cancelled: 0, runs: 0, neverStarted: 0 };
  /** Time of the first event, in ms since the epoch. */
  start: number | undefined;
  readonly #running = new Map<string, Bar>();
  readonly #started = new Set<string>();

  add(event: TaskEvent): void {
    this.start ??= event.at;
    const at = Math.max(0, event.at - this.start);
    switch (event.type) {
      case 'worker-spawned':
        this.#lane(event, at);
        break;
      case 'worker-ready':
        this.#lane(event, at).readyAt = at;
        break;
      case 'worker-ended':
      case 'worker-died':
        this.#end(this.#lane(event, at), at, event.type === 'worker-died');
        break;
      case 'task-submitted':
        this.counts.submitted++;
        break;
      case 'task-started':
        this.#begin(event, at);
        break;
      case 'task-retried':
        this.#finish(event, at, 'rejected');
        break;
      case 'task-settled':
        this.counts[event.status!]++;
        if (!this.#started.delete(idOf(event))) this.counts.neverStarted++;
        this.#finish(event, at, event.status!);
        break;
    }
  }

  /** The run was stopped: its workers end, and its tasks too. `at` is in ms since the epoch. */
  stop(at: number): void {
    const now = at - (this.start ?? at);
    for (const bar of this.#running.values()) Object.assign(bar, { end: now, state: 'cancelled' });
    this.#running.clear();
    for (const lane of this.lanes) lane.endedAt ??= now;
  }

  /** Number of runs that have not ended. */
  get running(): number {
    return this.#running.size;
  }

  /** Number of workers that have not ended. */
  get workers(): number {
    return this.lanes.filter(({ endedAt }) => endedAt === undefined).length;
  }

  #lane({ executor, worker }: TaskEvent, at: number): Lane {
    const name = worker ?? executor;
    const found = this.lanes.find((lane) => lane.worker === name && lane.endedAt === undefined);
    if (found !== undefined) return found;
    this.lanes.push({
      worker: name,
      from: at,
      readyAt: undefined,
      endedAt: undefined,
      hasDied: false,
      bars: [],
      rows: [],
    });
    return this.lanes.at(-1)!;
  }

  #begin(event: TaskEvent, at: number): void {
    this.#started.add(idOf(event));
    if (!this.names.includes(event.name!)) this.names.push(event.name!);
    if (++this.counts.runs > MOST_BARS) return;
    const { bars, rows } = this.#lane(event, at);
    const free = rows.findIndex((end) => end <= at);
    const row = free === -1 ? rows.length : free;
    rows[row] = Number.POSITIVE_INFINITY;
    const bar: Bar = {
      key: keyOf(event),
      id: event.id!,
      name: event.name!,
      attempt: event.attempt!,
      row,
      start: at,
      end: undefined,
      state: 'running',
      error: undefined,
    };
    bars.push(bar);
    this.#running.set(bar.key, bar);
  }

  #finish(event: TaskEvent, at: number, state: Bar['state']): void {
    const bar = this.#running.get(keyOf(event));
    if (bar === undefined) return;
    this.#running.delete(bar.key);
    bar.end = event.ran === undefined ? at : Math.min(at, bar.start + event.ran);
    bar.state = state;
    bar.error = event.error;
    for (const { bars, rows } of this.lanes) if (bars.includes(bar)) rows[bar.row] = bar.end;
  }

  #end(lane: Lane, at: number, hasDied: boolean): void {
    lane.endedAt = at;
    lane.hasDied = hasDied;
  }
}

const idOf = ({ executor, id }: TaskEvent): string => `${executor} ${id}`;
const keyOf = (event: TaskEvent): string => `${idOf(event)} ${event.attempt}`;
