/** What tasks say of their progress, thinned out: a task that reports in a tight loop must cost neither side. */

import { performance, setTimeout } from '../platform/time.js';
import { isImmutable } from '../protocol/plain.js';
import { refusePorts } from '../protocol/ports.js';
import { notCloned } from '../protocol/wire-error.js';
import type { Post } from './reports.js';
import { registry, type TaskContext } from './task-context.js';

/** ms in which a task earns one more report that is sent at once: what an eye can follow. What is beyond is replaced by what comes after. */
const INTERVAL = 20;
/** Reports that a task can have earned at the most: a few steps in quick succession all arrive. */
const BURST = 32;

export class Progress {
  readonly #post: Post;
  /** Fails a task whose value can't be sent, where its call is over. */
  readonly #fail: (task: TaskContext, error: unknown) => void;
  readonly #latest = new Map<TaskContext, { readonly value: unknown }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(post: Post, fail: (task: TaskContext, error: unknown) => void) {
    this.#post = post;
    this.#fail = fail;
  }

  /** @throws SerializationError when the value can't be sent, at the first report and after a pause; in between the task fails with it */
  report(task: TaskContext, value: unknown): void {
    // A timer that the task has left behind: its slot may belong to another task by now.
    if (!registry.running.has(task)) return;
    const now = performance.now();
    task.progressEarned = Math.min(BURST, task.progressEarned + (now - task.progressAt) / INTERVAL);
    task.progressAt = now;
    if (task.progressEarned < 1) {
      this.#latest.set(task, { value });
      this.#timer ??= setTimeout(() => this.#sendAll(), INTERVAL).unref();
      return;
    }
    task.progressEarned--;
    this.#latest.delete(task);
    this.#send(task, value);
  }

  /** The task has ended: its last word goes home before its result. */
  ended(task: TaskContext): void {
    const last = this.#latest.get(task);
    if (last === undefined) return;
    this.#latest.delete(task);
    try {
      this.#send(task, last.value);
    } catch {
      // The result is there, and a value that nobody can be shown is not worth failing it.
    }
  }

  #sendAll(): void {
    this.#timer = undefined;
    const due = [...this.#latest];
    this.#latest.clear();
    for (const [task, { value }] of due) {
      try {
        this.#send(task, value);
      } catch (error) {
        this.#fail(task, error);
      }
    }
  }

  #send(task: TaskContext, value: unknown): void {
    try {
      if (!isImmutable(value)) refusePorts(value);
      this.#post({ type: 'progress', slot: task.slot, value });
    } catch (error) {
      throw notCloned(value, 'progress', error);
    }
  }
}
