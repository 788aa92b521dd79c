/**
 * The running tasks of a worker, by the slots of their jobs. A synchronous task is among them only
 * if it is followed (task-context.ts).
 */
import type { Progress } from './progress.js';
import { type CancelSource, type Lane, registry, TaskContext } from './task-context.js';

export class RunningTasks {
  readonly #contexts = new Map<number, TaskContext>();
  readonly #workerName: string;
  readonly #progress: Progress;
  readonly #cancels: CancelSource;

  constructor(workerName: string, progress: Progress, cancels: CancelSource) {
    this.#workerName = workerName;
    this.#progress = progress;
    this.#cancels = cancels;
  }

  get(slot: number): TaskContext | undefined {
    return this.#contexts.get(slot);
  }

  add(slot: number, id: number, name: string, attempt: number, context: unknown, lane?: Lane): TaskContext {
    const task = new TaskContext(
      slot,
      id,
      name,
      attempt,
      this.#workerName,
      this.#progress,
      this.#cancels,
      context,
      lane,
    );
    this.#contexts.set(slot, task);
    registry.running.add(task);
    return task;
  }

  /** Removes the task of a job that has ended, if the task is here. */
  remove(slot: number): void {
    const context = this.#contexts.get(slot);
    if (context === undefined) return;
    context.ended();
    this.#contexts.delete(slot);
    registry.running.delete(context);
    this.#progress.ended(context);
  }

  /** Rejects a running task with an uncaught error. Returns false if its future has settled. */
  fail(task: TaskContext, error: unknown): boolean {
    const { fault } = task;
    if (this.#contexts.get(task.slot) !== task || fault === undefined) return false;
    fault(error);
    return true;
  }
}
