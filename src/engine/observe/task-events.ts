/**
 * Emits the events of tasks. The data of a run is recorded only while there is a listener.
 *
 * Workers send no message when a task starts, because a message for each start would cost more than
 * most tasks. The start is recorded in the ledger and is read from there:
 *
 *   1. periodically while tasks are pending, for running tasks;
 *   2. when a report arrives, which for most tasks happens before the first periodic read;
 *   3. when a run ends in another way (a cancel, a timeout, the death of its worker). Its slot then
 *      still shows whether the task had started.
 */

import { outside } from '#platform/context';
import { clearInterval, now, setInterval, type Timer, unref } from '#platform/time';
import type { Future } from '../../future/future.js';
import type { Outcome } from '../../future/outcome.js';
import { REJECTED } from '../../future/state.js';
import type { Dispatcher } from '../../scheduling/dispatcher.js';
import { Worker } from '../../scheduling/worker/worker.js';
import type { TaskRun } from '../run/task-run.js';
import type { EventSource } from './events.js';

/** Time in ms between two reads of the ledger. It is short enough for a person who watches. */
const POLL_INTERVAL_MS = 50;

/** The data that is recorded about the current attempt of a task, for its events. */
interface Note {
  startedAt: number | undefined;
  endedAt: number | undefined;
  isStartEmitted: boolean;
}

export class TaskEvents {
  readonly #source: EventSource;
  readonly #dispatcher: Dispatcher;
  readonly #notes = new WeakMap<TaskRun, Note>();
  /**
   * Number of tasks that have not settled: queued, dispatched to a worker, or waiting for something
   * else.
   */
  #pending = 0;
  #timer: Timer | undefined;

  constructor(source: EventSource, dispatcher: Dispatcher) {
    this.#source = source;
    this.#dispatcher = dispatcher;
    source.listened = () => this.#startPolling();
  }

  submitted({ id, name }: Future<unknown>, priority: number, upstreamId: number | undefined): void {
    this.#pending++;
    if (!this.#source.wantsTasks) return;
    this.#startPolling();
    if (this.#source.wants('task-submitted')) this.#source.emit('task-submitted', { id, name, priority, upstreamId });
  }

  /** Called when a run has ended on its worker. */
  ran(run: TaskRun, startedAt: number, endedAt: number): void {
    if (!this.#source.wantsTasks) return;
    const note = this.#note(run);
    note.endedAt = endedAt;
    this.#emitStart(run, note, startedAt);
  }

  retried(run: TaskRun, delay: number, error: unknown): void {
    if (!this.#source.wantsTasks) return;
    const note = this.#note(run);
    this.#emitMissedStart(run, note);
    this.#notes.delete(run);
    if (!this.#source.wants('task-retried')) return;
    const { id, name, attempt } = run;
    this.#source.emit('task-retried', { id, name, attempt, delay, ran: ranOf(note, now()), error });
  }

  settled(run: TaskRun, future: Future<unknown>): void {
    this.#pending--;
    if (!this.#source.wantsTasks) return;
    const note = this.#note(run);
    this.#emitMissedStart(run, note);
    if (!this.#source.wants('task-settled')) return;
    const { id, name } = future;
    const { startedAt } = note;
    const at = now();
    this.#source.emit('task-settled', {
      id,
      name,
      status: future.state as Outcome<unknown>['status'],
      ...this.#where(run, startedAt),
      ran: ranOf(note, at),
      total: run.waitedUntil(at),
      error: future._state === REJECTED ? future._result : undefined,
    });
  }

  /**
   * Starts to read the ledger periodically. This continues while there is a listener and any task
   * is pending.
   */
  #startPolling(): void {
    if (this.#timer !== undefined || this.#pending === 0 || !this.#source.wantsTasks) return;
    this.#timer = outside(() => unref(setInterval(() => this.#poll(), POLL_INTERVAL_MS)));
  }

  #poll(): void {
    if (this.#pending === 0 || !this.#source.wantsTasks) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const worker of this.#dispatcher.workforce.all) {
      for (const job of worker.inFlight.live()) {
        // A listener may have cancelled the job meanwhile.
        if (worker.inFlight.jobAt(job.slot) !== job || !worker.hasClaimed(job)) continue;
        this.#emitStart(job as TaskRun, this.#note(job as TaskRun), worker.startedAt(job.slot));
      }
    }
  }

  /** Emits `task-started` for a run that has ended, if the event was not emitted before. */
  #emitMissedStart(run: TaskRun, note: Note): void {
    if (note.startedAt !== undefined || this.#hasClaimed(run) !== true) return;
    this.#emitStart(run, note, this.#workerOf(run)!.startedAt(run.slot));
  }

  /**
   * Returns whether the worker started a run that has ended. The slot shows it until the report of
   * the slot has arrived. Returns undefined if the worker has ended or the slot is used again.
   */
  #hasClaimed(run: TaskRun): boolean | undefined {
    const worker = this.#workerOf(run);
    if (worker === undefined || worker.inFlight.jobAt(run.slot) !== undefined) return undefined;
    return worker.hasClaimed(run);
  }

  /**
   * Finds the live worker of a run. A settled run keeps only the identity of its worker. Returns
   * `undefined` if that worker has ended.
   */
  #workerOf({ worker }: TaskRun): Worker | undefined {
    if (worker === undefined || worker instanceof Worker) return worker;
    for (const each of this.#dispatcher.workforce.all) if (each.identity === worker) return each;
    return undefined;
  }

  #emitStart(run: TaskRun, note: Note, startedAt: number): void {
    note.startedAt = startedAt;
    if (note.isStartEmitted) return;
    note.isStartEmitted = true;
    if (!this.#source.wants('task-started')) return;
    const { id, name } = run;
    this.#source.emit('task-started', { id, name, ...this.#where(run, startedAt) }, startedAt);
  }

  #where(run: TaskRun, startedAt: number | undefined) {
    const { attempt } = run;
    // A job that was dispatched and whose upstream failed was assigned to a worker but never
    // started there.
    const worker = startedAt === undefined && this.#hasClaimed(run) === false ? undefined : run.worker;
    const waited = startedAt === undefined ? undefined : run.waitedUntil(startedAt);
    return { worker: worker?.name, threadId: worker?.threadId, attempt, waited };
  }

  #note(run: TaskRun): Note {
    let note = this.#notes.get(run);
    if (note === undefined) {
      note = { startedAt: undefined, endedAt: undefined, isStartEmitted: false };
      this.#notes.set(run, note);
    }
    return note;
  }
}

/** Returns the time in ms from the start of a run to its end, or to `at` if that was earlier. */
function ranOf({ startedAt, endedAt }: Note, at: number): number | undefined {
  return startedAt === undefined ? undefined : Math.max(0, (endedAt ?? at) - startedAt);
}
