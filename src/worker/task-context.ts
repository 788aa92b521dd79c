/**
 * Which task is running here: what `currentTask()` answers.
 *
 * The registry is on globalThis, since a task module may load its own copy of `rx-futures/worker` (from another folder, or
 * through a TypeScript loader). Asynchronous functions are followed across their awaits, so that what they throw in a timer is known
 * for theirs; synchronous ones only from the moment that somebody has imported that entry, since it costs.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { CancelledError } from '../errors.js';
import type { Progress } from './progress.js';

/** Causes of causes that are looked at. More than that is a cycle, or built to be one. */
const DEEPEST_CAUSE = 20;

/** A running leg, as the task that runs it sees it. */
export class TaskContext {
  /** Rejects it from outside of its promise. Set while it runs asynchronously. */
  fault: ((error: unknown) => void) | undefined = undefined;
  /** Kept by progress.ts: reports that it may still send at once, as of when. */
  progressEarned = 0;
  progressAt = Number.NEGATIVE_INFINITY;
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(
    readonly slot: number,
    readonly id: number,
    readonly name: string,
    readonly attempt: number,
    readonly workerName: string,
    readonly progress: Progress,
  ) {}

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined;
  }

  /** Whether the task may have thrown an error because of its abort: the reason itself, an AbortError, or an error that one of them caused. */
  isOfAbort(error: unknown): boolean {
    if (this.#aborted === undefined) return false;
    const { reason } = this.#aborted;
    try {
      for (let cause = error, depth = 0; depth < DEEPEST_CAUSE; depth++) {
        if (cause === reason || cause instanceof CancelledError) return true;
        if (typeof cause !== 'object' || cause === null) return false;
        const { name, cause: next } = cause as Partial<Error>;
        if (name === 'AbortError') return true;
        cause = next;
      }
    } catch {
      // A getter of the error throws.
    }
    return false;
  }

  abort(given: unknown): void {
    const reason = given === undefined ? new CancelledError(`${this.name} (#${this.id}) was cancelled`) : given;
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}

interface Registry {
  readonly storage: AsyncLocalStorage<TaskContext>;
  /** Set when `rx-futures/worker` is first imported: synchronous tasks are followed too, since they may ask. */
  followsAll: boolean;
  /** The tasks that run on this thread, for those that began before anyone asked. */
  readonly running: Set<TaskContext>;
}

const key = Symbol.for('rx-futures.running-tasks');

const shared = globalThis as { [key]?: Registry };
shared[key] ??= { storage: new AsyncLocalStorage(), followsAll: false, running: new Set() };

export const registry: Registry = shared[key];

/** From now on all tasks are followed across their awaits. */
export function followTasks(): void {
  registry.followsAll = true;
}

/** The task from which this call comes, where that is known for sure; it may have settled. */
export function runningTaskExactly(): TaskContext | undefined {
  return registry.storage.getStore();
}

export function runningTask(): TaskContext | undefined {
  const followed = runningTaskExactly();
  if (followed !== undefined) return followed;
  // It began before this was first imported (by an import() inside the task, say): known only where it runs alone.
  const [only, another] = registry.running;
  return another === undefined ? only : undefined;
}
