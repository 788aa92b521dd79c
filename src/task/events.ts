/** What happens in an executor, as data, for logs and dashboards. Costs nothing while nobody listens. */
import { type Observable, Subject } from 'rxjs';
import type { FutureState } from '../future/state.js';

interface WorkerData {
  /** `<executor>-<n>` */
  readonly worker: string;
  readonly threadId: number | undefined;
}

interface TaskData {
  /** Of the future. */
  readonly id: number;
  /** Of the task. */
  readonly name: string;
}

interface EventData {
  'worker-spawned': WorkerData;
  'worker-ready': WorkerData;
  /** It was told to go: idle, replaced, or at shutdown. */
  'worker-ended': WorkerData & { readonly exitCode: number | undefined; readonly error: unknown };
  /** It went by itself, or was ended for a task that would not stop. */
  'worker-died': WorkerData & { readonly exitCode: number | undefined; readonly error: unknown };
  'task-submitted': TaskData;
  'task-settled': TaskData & { readonly status: FutureState; readonly threadId: number | undefined };
}

/** One event; `type` tells which, `at` when (ms since the epoch). */
export type ExecutorEvent = {
  [K in keyof EventData]: { readonly type: K; readonly at: number } & EventData[K];
}[keyof EventData];

export class EventSource {
  readonly #subject = new Subject<ExecutorEvent>();
  readonly events: Observable<ExecutorEvent> = this.#subject.asObservable();

  /** Asked before data is made, so that nothing is while nobody listens. */
  get isObserved(): boolean {
    return this.#subject.observed;
  }

  emit<K extends keyof EventData>(type: K, data: EventData[K]): void {
    this.#subject.next({ type, at: Date.now(), ...data } as unknown as ExecutorEvent);
  }

  complete(): void {
    this.#subject.complete();
  }
}
