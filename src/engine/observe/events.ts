/**
 * The events of an executor, as data for logs, dashboards and tracing tools. There are two ways to
 * listen: `executor.events`, and the channels of node:diagnostics_channel for tools that attach
 * from outside. Events cost nothing while there is no listener.
 */

import { Observable, Subject } from 'rxjs';
import { type Channel, channel } from '#platform/channels';
import { wallClock } from '#platform/time';
import type { Outcome } from '../../future/outcome.js';
import { reportUnhandled } from '../../future/unhandled.js';
import type { RecycleReason } from '../../scheduling/workforce/workforce-listener.js';
import { inContext } from '../../stream/observable.js';

interface WorkerData {
  /** The name of the worker: `<executor>-<n>`. */
  readonly worker: string;
  /** The id of the thread. For a child process, its pid. */
  readonly threadId: number | undefined;
}

interface EndData extends WorkerData {
  readonly exitCode: number | undefined;
  /** The signal that ended a child process. */
  readonly signal: string | undefined;
  readonly error: unknown;
}

interface TaskData {
  /** The id of the future. */
  readonly id: number;
  /** The name of the task. */
  readonly name: string;
}

/**
 * The worker and the time at which a task started. The values are undefined if the task never
 * started.
 */
interface RunData {
  readonly worker: string | undefined;
  readonly threadId: number | undefined;
  /** The number of the run; 1 for the first one. */
  readonly attempt: number;
  /**
   * Time in ms from the submit to the start on the worker. For a step of a chain, from the submit
   * of that step.
   */
  readonly waited: number | undefined;
}

interface ActorData {
  /** The name of the actor: `<class>-<n>`. */
  readonly actor: string;
  /** The worker of the actor. Undefined if its constructor never finished. */
  readonly worker: string | undefined;
  readonly threadId: number | undefined;
}

interface EventData {
  'worker-spawned': WorkerData;
  /** The worker has loaded its task module and run its initializer. */
  'worker-ready': WorkerData;
  /** The worker receives no more tasks, and another worker replaces it. */
  'worker-recycled': WorkerData & { readonly reason: RecycleReason };
  /**
   * The worker was ended in an orderly way: because it was idle, because it was replaced, at
   * shutdown, or after its finalizer at terminate.
   */
  'worker-ended': EndData;
  /**
   * The worker ended by itself, or was terminated because of an uncaught error, because a task did
   * not stop, or by `terminate()`.
   */
  'worker-died': EndData;
  'task-submitted': TaskData & {
    readonly priority: number;
    /** The id of the future whose value the task receives, for a step of a chain. */
    readonly upstreamId: number | undefined;
  };
  /**
   * A worker has started the task. The event is emitted up to 50 ms late, or when the task ends if
   * that is earlier. Its `at` is the exact moment of the start.
   */
  'task-started': TaskData & RunData;
  /** The task failed and runs again after `delay` ms. `attempt` is the number of the failed run. */
  'task-retried': TaskData & {
    readonly attempt: number;
    readonly delay: number;
    /** Time in ms from the start of the failed run to its end. Undefined if it never started. */
    readonly ran: number | undefined;
    readonly error: unknown;
  };
  'task-settled': TaskData &
    RunData & {
      readonly status: Outcome<unknown>['status'];
      /**
       * Time in ms from the start of the last run to its end on the worker, or to the settlement if
       * that was earlier.
       */
      readonly ran: number | undefined;
      /** Time in ms from the submit to the settlement. */
      readonly total: number;
      /** The reason of a rejected future. */
      readonly error: unknown;
    };
  /** The constructor of the actor has finished. */
  'actor-started': ActorData;
  /** The worker of the actor has ended (`error`), and the actor was constructed again. */
  'actor-restarted': ActorData & { readonly restarts: number; readonly error: unknown };
  /** The actor was ended, by the program or with the executor. `error` is that of its disposal. */
  'actor-ended': ActorData & { readonly error: unknown };
  /** The worker of the actor has ended, or its constructor has failed. */
  'actor-died': ActorData & { readonly error: unknown };
}

/** The `type` of an {@link ExecutorEvent}. */
export type EventType = keyof EventData;

/**
 * One event. `type` is its kind, `at` its time (in ms since the epoch), and `executor` the name of
 * the executor.
 */
export type ExecutorEvent = {
  [K in EventType]: { readonly type: K; readonly at: number; readonly executor: string } & EventData[K];
}[EventType];

/**
 * The diagnostics channels. For example, `task-settled` is published as `rx-futures:task:settled`.
 */
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
  'actor-started': channel('rx-futures:actor:started'),
  'actor-restarted': channel('rx-futures:actor:restarted'),
  'actor-ended': channel('rx-futures:actor:ended'),
  'actor-died': channel('rx-futures:actor:died'),
};

const taskChannels = {
  submitted: channels['task-submitted'],
  started: channels['task-started'],
  retried: channels['task-retried'],
  settled: channels['task-settled'],
};

export class EventSource {
  readonly #executor: string;
  /** Created for the first subscriber of `events`. Most executors have none. */
  #subject: Subject<ExecutorEvent> | undefined;
  #isComplete = false;
  /** Called when `events` gets a subscriber. Channels offer no such notification. */
  listened: () => void = () => {};
  readonly events = new Observable<ExecutorEvent>((subscriber) => {
    this.#subject ??= new Subject();
    const subscription = inContext(this.#subject).subscribe(subscriber);
    if (this.#isComplete) this.#subject.complete();
    this.listened();
    return subscription;
  });

  constructor(executor: string) {
    this.#executor = executor;
  }

  /**
   * Returns whether an event of this type has a listener. Checked before the data of an event is
   * created.
   */
  wants(type: EventType): boolean {
    return this.#subject?.observed === true || channels[type].hasSubscribers;
  }

  /** Returns whether any event of a task has a listener. Each task checks it three times. */
  get wantsTasks(): boolean {
    const { submitted, started, retried, settled } = taskChannels;
    return (
      this.#subject?.observed === true ||
      submitted.hasSubscribers ||
      started.hasSubscribers ||
      retried.hasSubscribers ||
      settled.hasSubscribers
    );
  }

  /**
   * Emits an event. Listeners run while the scheduler is working, so an error that a listener
   * throws must not reach the caller. Node and RxJS report such errors.
   */
  emit<K extends EventType>(type: K, data: EventData[K], at = wallClock()): void {
    const event = { type, at, executor: this.#executor, ...data } as unknown as ExecutorEvent;
    channels[type].publish(event);
    try {
      this.#subject?.next(event);
    } catch (error) {
      // RxJS does not catch the errors of a custom Subscriber class of the user.
      reportUnhandled(error);
    }
  }

  complete(): void {
    this.#isComplete = true;
    this.#subject?.complete();
  }
}
