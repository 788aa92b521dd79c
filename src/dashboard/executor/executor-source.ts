/** An executor of this process, as a source of a dashboard. */
import { now } from '#platform/time';
import type { Engine } from '../../engine/engine.js';
import { TaskRun } from '../../engine/run/task-run.js';
import { REJECTED } from '../../future/state.js';
import type { Worker } from '../../scheduling/worker/worker.js';
import type { Action, ActionResult, ActorRow, FailureRow, SharedRow, SourceFrame } from '../frames.js';
import type { Source } from '../source.js';
import { act, refusalsOf } from './control.js';
import { FailureList } from './failure-list.js';
import { RunCollector } from './run-collector.js';
import { nameOfRun } from './run-name.js';
import { WorkerRows } from './worker-rows.js';

/** If more tasks are pending when the first page connects, they are not counted by function. */
const MAX_COUNTED = 100_000;
const MAX_ROWS = 100;

/** The parts that exist only while a page is connected. */
interface Observation {
  readonly since: number;
  readonly workers: WorkerRows;
}

export class ExecutorSource implements Source {
  readonly #engine: Engine;
  readonly #failures = new FailureList();
  readonly #isRejected: (run: TaskRun) => void;
  #observation: Observation | undefined;
  /**
   * The last collector. It is kept while no page is connected, because V8 forgets the shape of an
   * object when none is left. It would compile the scheduler anew for each first page.
   */
  #collector = new RunCollector();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#isRejected = (run) => this.#failures.add(failureOf(run));
    // A failure may come before a page is there to see it. Tasks that succeed cost nothing.
    engine.recorder.rejected = this.#isRejected;
  }

  get name(): string {
    return this.#engine.name;
  }

  get failures(): readonly FailureRow[] {
    return this.#failures.kept;
  }

  open(): void {
    const collector = new RunCollector();
    const { pending, recorder } = this.#engine;
    if (pending.count <= MAX_COUNTED) {
      for (const { _producer: run } of this.#engine.unsettled()) {
        if (run instanceof TaskRun) collector.submitted(run);
      }
    }
    recorder.observer = collector;
    this.#collector = collector;
    this.#observation = { since: now(), workers: new WorkerRows(collector) };
  }

  close(): void {
    const { recorder } = this.#engine;
    if (recorder.observer === this.#collector) recorder.observer = undefined;
    this.#observation = undefined;
  }

  frame(isFull: boolean): SourceFrame {
    if (this.#observation === undefined) throw new Error('The source of a dashboard must be open.');
    const { workers, since } = this.#observation;
    const collector = this.#collector;
    const { dispatcher, pending, recorder, life, workforce } = this.#engine;
    if (isFull) workers.measure(workforce.all);
    const { rows, running, lingering } = workers.running(workforce.all);
    collector.running = rows;
    collector.functions.startFrame();
    const { submitted, fulfilled, rejected, cancelled, retried } = recorder.counters;
    const { queued, isPaused } = dispatcher;
    return {
      state: life.state,
      counts: {
        ...{ submitted, fulfilled, rejected, cancelled, retried },
        ...{ pending: pending.count, queued, running, lingering, isPaused },
      },
      runs: collector.sample.take(now()),
      workers: workers.rows(workforce.all),
      running: rows,
      failures: this.#failures.take(),
      refusals: refusalsOf(this.#engine),
      ...(isFull && {
        tables: {
          since,
          functions: collector.functions.rows(),
          actors: actorsOf(this.#engine),
          shared: sharedOf(this.#engine),
        },
      }),
    };
  }

  act(action: Action): ActionResult {
    return act(this.#engine, action);
  }

  dispose(): void {
    this.close();
    const { recorder } = this.#engine;
    if (recorder.rejected === this.#isRejected) recorder.rejected = undefined;
  }
}

function failureOf(run: TaskRun) {
  const { id, attempt, worker, future } = run;
  return {
    id,
    name: nameOfRun(run),
    attempt,
    worker: worker?.name,
    error: future._state === REJECTED ? future._result : undefined,
  };
}

function actorsOf({ actors }: Engine): ActorRow[] {
  return Array.from(actors.all)
    .slice(0, MAX_ROWS)
    .map(({ name, state, lane }) => ({
      name,
      state,
      worker: (lane.worker as Worker | undefined)?.name,
      calls: lane.unsettled,
    }));
}

function sharedOf({ sharing }: Engine): SharedRow[] {
  return Array.from(sharing.all)
    .slice(0, MAX_ROWS)
    .map(({ name, copies, uses, isDisposed }) => ({ name, copies, uses, isDisposed }));
}
