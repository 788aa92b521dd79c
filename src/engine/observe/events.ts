/**
 * What happens in an executor, as data: for logs, dashboards and tracing tools. There are two ways to listen: `executor.events`, and the
 * channels of node:diagnostics_channel, for tools that attach from outside. Neither costs anything while nobody does.
 */

import { type Channel, channel } from 'node:diagnostics_channel';
import { Observable, Subject } from 'rxjs';
import type { Outcome } from '../../future/outcome.js';
import { reportUnhandled } from '../../future/unhandled.js';
import { wallClock } from '../../platform/time.js';
import type { RecycleReason } from '../../scheduling/workforce.js';
import { inContext } from '../../stream/observable.js';

interface WorkerData {
  /** `<executor>-<n>` */
  readonly worker: string;
  /** Of a process: its pid. */
  readonly threadId: number | undefined;
}

interface EndData extends WorkerData {
  readonly exitCode: number | undefined;
  /** The signal that ended a process. */
  readonly signal: string | undefined;
  readonly error: unknown;
}

interface TaskData {
  /** Of the future. */
  readonly id: number;
  /** Of the task. */
  readonly name: string;
}

/** Where and when a task began; undefined where it never did. */
interface RunData {
  readonly worker: string | undefined;
  readonly threadId: number | undefined;
  /** 1 for the first run. */
  readonly attempt: number;
  /** ms from the submit (of a step of a chain: of that step) to the moment at which the worker began it. */
  readonly waited: number | undefined;
}

interface EventData {
  'worker-spawned': WorkerData;
  /** Its module is loaded, its initializer done. */
  'worker-ready': WorkerData;
  /** It gets no more work, and another one takes its place. */
  'worker-recycled': WorkerData & { readonly reason: RecycleReason };
  /** It was told to go: idle, worn, or at shutdown. */
  'worker-ended': EndData;
  /** It went by itself, or was ended at once: for what a task did (throw outside of its promise, not stop), or by `terminate()`. */
  'worker-died': EndData;
  'task-submitted': TaskData & {
    readonly priority: number;
    /** Of a step of a chain: the future whose value it takes. */
    readonly upstreamId: number | undefined;
  };
  /** Told within 50 ms, or when the task has ended, if that is sooner; `at` is the moment at which the worker began it. */
  'task-started': TaskData & RunData;
  /** It failed, and is run again after `delay` ms. `attempt` is the run that failed. */
  'task-retried': TaskData & { readonly attempt: number; readonly delay: number; readonly error: unknown };
  'task-settled': TaskData &
    RunData & {
      readonly status: Outcome<unknown>['status'];
      /** ms on the worker, of the last run; up to the settlement where that came first. */
      readonly ran: number | undefined;
      /** ms from the submit to the settlement. */
      readonly total: number;
      /** What it was rejected with. */
      readonly error: unknown;
    };
}

export type EventType = keyof EventData;

/** One event; `type` tells which, `at` when (ms since the epoch), `executor` whose. */
export type ExecutorEvent = {
  [K in EventType]: { readonly type: K; readonly at: number; readonly executor: string } & EventData[K];
}[EventType];

/** `task-settled` is published as `rx-futures:task:settled`. */
const channels: { readonly [K in EventType]: Channel } = {
  'worker-spawned': channel('rx-futures:worker:spawned'),
  'worker-ready': channel('rx-futures:worker:ready'),
  'worker-recycled': channel('rx-futures:worker:recycled'),
  'worker-ended': channel('rx-futures:worker:ended'),
  'worker-died': channel('rx-futures:worker:died'),
  'task-submitted': channel('rx-futures:task:submitted'),
  'task-started': channel('rx-futures:task:started'),
  'task-retried': channel('rx-futures:task:retried'),
  'task-settled': channel('rx-futures:task:settled'),
};

export class EventSource {
  readonly #executor: string;
  readonly #subject = new Subject<ExecutorEvent>();
  /** Somebody has subscribed. (Of a channel nobody can tell.) */
  listened: () => void = () => {};
  readonly events = new Observable<ExecutorEvent>((subscriber) => {
    const subscription = inContext(this.#subject).subscribe(subscriber);
    this.listened();
    return subscription;
  });

  constructor(executor: string) {
    this.#executor = executor;
  }

  /** Asked before data is made, so that nothing is while nobody listens. */
  wants(type: EventType): boolean {
    return this.#subject.observed || channels[type].hasSubscribers;
  }

  /** Listeners run in the middle of the scheduler's work, so what they throw must not come back here. Node and RxJS report it by themselves. */
  emit<K extends EventType>(type: K, data: EventData[K], at = wallClock()): void {
    const event = { type, at, executor: this.#executor, ...data } as unknown as ExecutorEvent;
    channels[type].publish(event);
    try {
      this.#subject.next(event);
    } catch (error) {
      // A Subscriber of the user's own making is not guarded by RxJS.
      reportUnhandled(error);
    }
  }

  complete(): void {
    this.#subject.complete();
  }
}
