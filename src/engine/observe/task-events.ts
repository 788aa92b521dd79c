/**
 * Tells the events of tasks. What they need to know of a run is noted only while somebody listens.
 *
 * A beginning is not told by the worker: a message for each would cost more than most tasks. It is in the ledger, and read from there:
 *   1. now and then, while tasks are pending, for those that run;
 *   2. when a report comes, which ends most tasks before anybody has looked;
 *   3. when a run ends otherwise (a cancel, a timeout, the death of its worker): its slot still tells whether it had begun.
 */

import type { Future } from '../../future/future.js';
import type { Outcome } from '../../future/outcome.js';
import { REJECTED } from '../../future/state.js';
import { outside } from '../../platform/context.js';
import { clearInterval, now, setInterval } from '../../platform/time.js';
import type { Dispatcher } from '../../scheduling/dispatcher.js';
import { Worker } from '../../scheduling/worker.js';
import type { TaskRun } from '../run/task-run.js';
import type { EventSource } from './events.js';

/** ms between two looks: soon enough for a person who watches. */
const LOOK_EVERY = 50;

/** Of the present attempt. */
interface Note {
  startedAt: number | undefined;
  endedAt: number | undefined;
  isTold: boolean;
}

export class TaskEvents {
  readonly #source: EventSource;
  readonly #dispatcher: Dispatcher;
  readonly #notes = new WeakMap<TaskRun, Note>();
  /** Tasks that have not settled: queued, with a worker, or waiting for something that is neither. */
  #pending = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: EventSource, dispatcher: Dispatcher) {
    this.#source = source;
    this.#dispatcher = dispatcher;
    source.listened = () => this.#watch();
  }

  submitted({ id, name }: Future<unknown>, priority: number, upstreamId: number | undefined): void {
    this.#pending++;
    this.#watch();
    if (this.#source.wants('task-submitted')) this.#source.emit('task-submitted', { id, name, priority, upstreamId });
  }

  /** It has ended on its worker. */
  ran(run: TaskRun, startedAt: number, endedAt: number): void {
    if (!this.#areTimesWanted) return;
    const note = this.#note(run);
    note.endedAt = endedAt;
    this.#began(run, note, startedAt);
  }

  retried(run: TaskRun, delay: number, error: unknown): void {
    if (this.#areTimesWanted) {
      this.#lookBack(run, this.#note(run));
      this.#notes.delete(run);
    }
    if (!this.#source.wants('task-retried')) return;
    const { id, name, attempt } = run;
    this.#source.emit('task-retried', { id, name, attempt, delay, error });
  }

  settled(run: TaskRun, future: Future<unknown>): void {
    this.#pending--;
    if (!this.#areTimesWanted) return;
    const note = this.#note(run);
    this.#lookBack(run, note);
    if (!this.#source.wants('task-settled')) return;
    const { id, name } = future;
    const { startedAt, endedAt } = note;
    const at = now();
    this.#source.emit('task-settled', {
      id,
      name,
      status: future.state as Outcome<unknown>['status'],
      ...this.#where(run, startedAt),
      ran: startedAt === undefined ? undefined : Math.max(0, (endedAt ?? at) - startedAt),
      total: run.waitedUntil(at),
      error: future._state === REJECTED ? future._result : undefined,
    });
  }

  get #areTimesWanted(): boolean {
    return this.#source.wants('task-started') || this.#source.wants('task-settled');
  }

  /** Looks at what the workers have, for as long as somebody listens and anything is pending. */
  #watch(): void {
    if (this.#timer !== undefined || this.#pending === 0 || !this.#areTimesWanted) return;
    this.#timer = outside(() => setInterval(() => this.#look(), LOOK_EVERY).unref());
  }

  #look(): void {
    if (this.#pending === 0 || !this.#areTimesWanted) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const worker of this.#dispatcher.workforce.all) {
      for (const job of worker.inFlight.live()) {
        // A listener may have cancelled it meanwhile.
        if (worker.inFlight.waiting(job.slot) !== job || !worker.hasClaimed(job)) continue;
        this.#began(job as TaskRun, this.#note(job as TaskRun), worker.startedAt(job.slot));
      }
    }
  }

  /** The run has ended, and nobody was told that it had begun. */
  #lookBack(run: TaskRun, note: Note): void {
    if (note.startedAt !== undefined || this.#hasClaimed(run) !== true) return;
    this.#began(run, note, this.#workerOf(run)!.startedAt(run.slot));
  }

  /** As its slot tells, which is not used again before the report has come; undefined where it can't, or not any more. */
  #hasClaimed(run: TaskRun): boolean | undefined {
    const worker = this.#workerOf(run);
    if (worker === undefined || worker.inFlight.waiting(run.slot) !== undefined) return undefined;
    return worker.hasClaimed(run);
  }

  /** A run that has settled has only the name of its worker left, which is gone from here too where it has died. */
  #workerOf({ worker }: TaskRun): Worker | undefined {
    if (worker === undefined || worker instanceof Worker) return worker;
    for (const each of this.#dispatcher.workforce.all) if (each.identity === worker) return each;
    return undefined;
  }

  #began(run: TaskRun, note: Note, startedAt: number): void {
    note.startedAt = startedAt;
    if (note.isTold) return;
    note.isTold = true;
    if (!this.#source.wants('task-started')) return;
    const { id, name } = run;
    this.#source.emit('task-started', { id, name, ...this.#where(run, startedAt) }, startedAt);
  }

  #where(run: TaskRun, startedAt: number | undefined) {
    const { attempt } = run;
    // A leg that was sent, and whose feeder has failed, was with a worker and never began there.
    const worker = startedAt === undefined && this.#hasClaimed(run) === false ? undefined : run.worker;
    const waited = startedAt === undefined ? undefined : run.waitedUntil(startedAt);
    return { worker: worker?.name, threadId: worker?.threadId, attempt, waited };
  }

  #note(run: TaskRun): Note {
    let note = this.#notes.get(run);
    if (note === undefined) {
      note = { startedAt: undefined, endedAt: undefined, isTold: false };
      this.#notes.set(run, note);
    }
    return note;
  }
}
