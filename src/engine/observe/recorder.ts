/** Records what happens to the runs of an engine: as counts and times, and as events. */
import type { Future } from '../../future/future.js';
import type { Dispatcher } from '../../scheduling/dispatcher.js';
import type { TaskRun } from '../run/task-run.js';
import { Clock } from './clock.js';
import type { EventSource } from './events.js';
import { Counters } from './stats.js';
import { TaskEvents } from './task-events.js';

/**
 * Receives each change in the life of each task, for a dashboard. It is called while the scheduler
 * works, so it must be quick and must not throw.
 */
export interface RunObserver {
  submitted(run: TaskRun): void;
  /** A run has ended on its worker. Returns whether `ran` shall be called with its times. */
  ended(run: TaskRun): boolean;
  /**
   * `waited` is the time in ms from the submit to the start. Times are passed for the chosen runs
   * alone, because each of them is an object on the heap.
   */
  ran(run: TaskRun, startedAt: number, endedAt: number, waited: number): void;
  retried(run: TaskRun, error: unknown): void;
  settled(run: TaskRun): void;
}

export class Recorder {
  readonly counters = new Counters();
  /** Events of tasks cost an object each. This observer costs a comparison if it is not set. */
  observer: RunObserver | undefined = undefined;
  /** Called with each run whose future was rejected. */
  rejected: ((run: TaskRun) => void) | undefined = undefined;
  readonly #events: TaskEvents;
  readonly #clock = new Clock();

  constructor(events: EventSource, dispatcher: Dispatcher) {
    this.#events = new TaskEvents(events, dispatcher);
  }

  /** The current tick of the clock. Each task records the tick of its submit. */
  get now(): number {
    return this.#clock.now;
  }

  submitted(run: TaskRun, upstream: Future<unknown> | undefined): void {
    const { future, priority } = run;
    this.counters.submitted++;
    this.observer?.submitted(run);
    this.#events.submitted(future, priority, upstream?.id);
  }

  /** Called when a run has ended on its worker, before its result is delivered. */
  ran(run: TaskRun, startedAt: number, endedAt: number): void {
    const waited = run.waitedUntil(startedAt);
    this.counters.waitTime.add(waited);
    this.counters.runTime.add(Math.max(0, endedAt - startedAt));
    if (this.observer?.ended(run) === true) this.observer.ran(run, startedAt, endedAt, waited);
    this.#events.ran(run, startedAt, endedAt);
  }

  retried(run: TaskRun, delay: number, error: unknown): void {
    this.counters.retried++;
    this.observer?.retried(run, error);
    this.#events.retried(run, delay, error);
  }

  settled(run: TaskRun): void {
    const { state } = run.future;
    this.counters.settled(state);
    this.observer?.settled(run);
    if (state === 'rejected') this.rejected?.(run);
    this.#events.settled(run, run.future);
  }
}
