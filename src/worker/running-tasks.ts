/**
 * The running tasks of a worker, by the slots of their jobs. A synchronous task is among them only
 * if it is followed (task-context.ts).
 */
import type { Progress } from './progress.js';
import { registry, TaskContext } from './task-context.js';

export class RunningTasks {
  readonly #contexts = new Map<number, TaskContext>();
  readonly #workerName: string;
  readonly #progress: Progress;

  constructor(workerName: string, progress: Progress) {
    this.#workerName = workerName;
    this.#progress = progress;
  }

  get(slot: number): TaskContext | undefined {
    return this.#contexts.get(slot);
  }

  add(slot: number, id: number, name: string, attempt: number): TaskContext {
    const context = new TaskContext(slot, id, name, attempt, this.#workerName, this.#progress);
    this.#contexts.set(slot, context);
    registry.running.add(context);
    return context;
  }

  /** Removes the task of a job that has ended. Returns false if it is not here. */
  remove(slot: number): boolean {
    const context = this.#contexts.get(slot);
    if (context === undefined) return false;
    this.#contexts.delete(slot);
    registry.running.delete(context);
    this.#progress.ended(context);
    return true;
  }

  /** Rejects a running task with an uncaught error. Returns false if the task has ended. */
  fail(task: TaskContext, error: unknown): boolean {
    if (this.#contexts.get(task.slot) !== task || task.fault === undefined) return false;
    task.fault(error);
    return true;
  }
}
