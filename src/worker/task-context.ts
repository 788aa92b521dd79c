/**
 * Which task is running here: what `currentTask()` answers.
 *
 * The registry is on globalThis, since a task module may load its own copy of `rx-futures/worker` (from another folder, or
 * through a TypeScript loader). Following a task across its awaits costs an async hook, so it is done only from the moment
 * that somebody has imported that entry.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** A running leg, as the task that runs it sees it. */
export class TaskContext {
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(
    readonly slot: number,
    readonly id: number,
    readonly name: string,
    readonly attempt: number,
    readonly workerName: string,
    readonly report: (slot: number, value: unknown) => void,
  ) {}

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}

interface Registry {
  /** Set when `rx-futures/worker` is first imported. */
  storage: AsyncLocalStorage<TaskContext> | undefined;
  /** The tasks that run on this thread, for those that began before anyone asked. */
  readonly running: Set<TaskContext>;
}

const key = Symbol.for('rx-futures.running-tasks');

const shared = globalThis as { [key]?: Registry };
shared[key] ??= { storage: undefined, running: new Set() };

export const registry: Registry = shared[key];

/** From now on tasks are followed across their awaits. */
export function followTasks(): void {
  registry.storage ??= new AsyncLocalStorage();
}

export function runningTask(): TaskContext | undefined {
  const followed = registry.storage?.getStore();
  if (followed !== undefined) return followed;
  // It began before this was first imported (by an import() inside the task, say): known only where it runs alone.
  const [only, another] = registry.running;
  return another === undefined ? only : undefined;
}
