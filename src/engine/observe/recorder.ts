/** Records what happens to the runs of an engine: as counts and times, and as events. */
import type { Future } from '../../future/future.js';
import type { Dispatcher } from '../../scheduling/dispatcher.js';
import type { TaskRun } from '../run/task-run.js';
import { Clock } from './clock.js';
import type { EventSource } from './events.js';
import { Counters } from './stats.js';
import { TaskEvents } from './task-events.js';

export class Recorder {
  readonly counters = new Counters();
  readonly #events: TaskEvents;
  readonly #clock = new Clock();

  constructor(events: EventSource, dispatcher: Dispatcher) {
    this.#events = new TaskEvents(events, dispatcher);
  }

  /** The current tick of the clock. Each task records the tick of its submit. */
  get now(): number {
    return this.#clock.now;
  }

  submitted({ future, priority }: TaskRun, upstream: Future<unknown> | undefined): void {
    this.counters.submitted++;
    this.#events.submitted(future, priority, upstream?.id);
  }

  /** Called when a run has ended on its worker, before its result is delivered. */
  ran(run: TaskRun, startedAt: number, endedAt: number): void {
    this.counters.waitTime.add(run.waitedUntil(startedAt));
    this.counters.runTime.add(Math.max(0, endedAt - startedAt));
    this.#events.ran(run, startedAt, endedAt);
  }

  retried(run: TaskRun, delay: number, error: unknown): void {
    this.counters.retried++;
    this.#events.retried(run, delay, error);
  }

  settled(run: TaskRun): void {
    this.counters.settled(run.future.state);
    this.#events.settled(run, run.future);
  }
}
