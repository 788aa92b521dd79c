/**
 * Sends the progress of tasks at a limited rate, so that a task which reports in a tight loop costs
 * neither side much.
 */

import { performance, setTimeout, type Timer, unref } from '#platform/time';
import { explainUnclonable } from '../protocol/clone-fault.js';
import { isImmutable } from '../protocol/plain.js';
import { refusePorts } from '../protocol/ports.js';
import type { Post } from './host.js';
import { registry, type TaskContext } from './task-context.js';

/**
 * Time in ms after which a task may send one more progress message. A person can't read more
 * messages than that. If a value is waiting, a newer value replaces it.
 */
const SEND_INTERVAL_MS = 20;
/**
 * Maximum number of unused messages that a task may save up, so that a few steps in quick
 * succession all arrive.
 */
const MAX_BURST = 32;

export class Progress {
  readonly #post: Post;
  /** Rejects a task whose value could not be sent after `report` had returned. */
  readonly #fail: (task: TaskContext, error: unknown) => void;
  readonly #latest = new Map<TaskContext, { readonly value: unknown }>();
  #timer: Timer | undefined;

  constructor(post: Post, fail: (task: TaskContext, error: unknown) => void) {
    this.#post = post;
    this.#fail = fail;
  }

  /**
   * Sends a progress value, now or later. If sending fails later, the task is rejected.
   *
   * @throws SerializationError if the value is sent now and can't be sent
   * @throws TypeError if that is so because of a Shared
   */
  report(task: TaskContext, value: unknown): void {
    // The call comes from a timer of a finished task. Its slot may belong to another task.
    if (!registry.running.has(task)) return;
    const now = performance.now();
    task.progressEarned = Math.min(MAX_BURST, task.progressEarned + (now - task.progressAt) / SEND_INTERVAL_MS);
    task.progressAt = now;
    if (task.progressEarned < 1) {
      this.#latest.set(task, { value });
      this.#timer ??= unref(setTimeout(() => this.#sendAll(), SEND_INTERVAL_MS));
      return;
    }
    task.progressEarned--;
    this.#latest.delete(task);
    this.#send(task, value);
  }

  /** Sends the last progress value of a finished task, so that it arrives before the result. */
  ended(task: TaskContext): void {
    const last = this.#latest.get(task);
    if (last === undefined) return;
    this.#latest.delete(task);
    try {
      this.#send(task, last.value);
    } catch {
      // The task has a result, so a progress value that can't be sent does not reject it.
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
      throw explainUnclonable(value, 'progress', error);
    }
  }
}
