/**
 * The tasks of a worker that wait for the reader of their values, or for the values of a stream
 * argument. Their concurrency slots are free. Otherwise a source and its reader on one worker would
 * wait for each other forever.
 *
 * The main thread must know of the free slots, or it would send no other job. If the values of a
 * stream go to the main thread, the main thread counts the credit and sees the wait by itself.
 * Other waits are reported when they have lasted for a moment, because a quick flow has thousands
 * of short waits.
 */
import { setTimeout, unref } from '#platform/time';
import type { Post } from './host.js';

/** ms after which a wait is reported. So a task reports at most a thousand waits in a second. */
const REPORT_AFTER_MS = 1;

interface Slots {
  /** Returns false for a task without a concurrency slot, which has none to release. */
  has(slot: number): boolean;
  /** Called when a concurrency slot is free. */
  paused(): void;
  /** Called when a task uses its concurrency slot again. */
  resumed(): void;
}

interface Waiting {
  /** Number of things that the task waits for. */
  count: number;
  /**
   * Number of things that the task waits for, without those that the main thread sees by itself.
   */
  unseen: number;
  isReported: boolean;
}

export class WaitingTasks {
  readonly #slots: Slots;
  readonly #post: Post;
  readonly #tasks = new Map<number, Waiting>();
  #isTimed = false;

  constructor(slots: Slots, post: Post) {
    this.#slots = slots;
    this.#post = post;
  }

  /**
   * Called when the task in a slot waits for something. `isSeen` is true if the main thread knows
   * that by itself.
   */
  waitStarted(slot: number, isSeen: boolean): void {
    if (!this.#slots.has(slot)) return;
    let task = this.#tasks.get(slot);
    if (task === undefined) {
      task = { count: 0, unseen: 0, isReported: false };
      this.#tasks.set(slot, task);
    }
    if (!isSeen) {
      task.unseen++;
      if (!task.isReported) this.#reportLater();
    }
    if (++task.count === 1) this.#slots.paused();
  }

  /** Called when the task does not wait for that thing any more. */
  waitEnded(slot: number, isSeen: boolean): void {
    const task = this.#tasks.get(slot);
    // The task has no concurrency slot, or has ended meanwhile.
    if (task === undefined) return;
    task.count--;
    if (!isSeen && --task.unseen === 0 && task.isReported) this.#report(slot, task, false);
    if (task.count > 0) return;
    this.#tasks.delete(slot);
    this.#slots.resumed();
  }

  /** Another message has informed the main thread that the task waits. */
  seen(slot: number): void {
    const task = this.#tasks.get(slot);
    if (task !== undefined) task.isReported = true;
  }

  /** The task has ended. The main thread learns that from its report. */
  ended(slot: number): void {
    if (this.#tasks.delete(slot)) this.#slots.resumed();
  }

  #reportLater(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    unref(
      setTimeout(() => {
        this.#isTimed = false;
        for (const [slot, task] of this.#tasks) {
          if (task.unseen > 0 && !task.isReported) this.#report(slot, task, true);
        }
      }, REPORT_AFTER_MS),
    );
  }

  #report(slot: number, task: Waiting, isWaiting: boolean): void {
    task.isReported = isWaiting;
    this.#post({ type: 'waits', slot, isWaiting });
  }
}
