/**
 * The tasks of a worker that wait for the reader of their values, or for the values of a stream
 * argument. Their concurrency slots are free. Otherwise a source and its reader on one worker would
 * wait for each other forever.
 *
 * The main thread must know of the free slots, or it would send no other job. If the values of a
 * stream go to the main thread, the main thread counts the credit and sees the wait by itself.
 * Other waits are reported if they last until the next look, because a quick flow has thousands of
 * short waits. The looks become rarer with each report, until another task waits. So a long flow
 * causes some dozens of messages a second, and not a thousand. It still leaves its slot to other
 * tasks now and then. All waits are reported at the same look, because a slot is free only if
 * source and reader both wait.
 */
import { clearTimeout, setTimeout, type Timer, unref } from '#platform/time';
import type { Post } from './host.js';

/** Shortest and longest time in ms until the next look. */
const MIN_PATIENCE_MS = 1;
const MAX_PATIENCE_MS = 32;

interface Slots {
  /** Returns false for a task of an actor, which has no concurrency slot to release. */
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
  /** The task may be reported. It is kept until it has ended, so that it is new only once. */
  isKept: boolean;
  readonly hasSlot: boolean;
}

export class WaitingTasks {
  readonly #slots: Slots;
  readonly #post: Post;
  readonly #tasks = new Map<number, Waiting>();
  #timer: Timer | undefined;
  #patience = MIN_PATIENCE_MS;

  constructor(slots: Slots, post: Post) {
    this.#slots = slots;
    this.#post = post;
  }

  /** True if a task waits, or is kept until it ends. */
  get isActive(): boolean {
    return this.#tasks.size > 0;
  }

  /**
   * Called when the task in a slot waits for something. `isSeen` is true if the main thread knows
   * that by itself.
   */
  waitStarted(slot: number, isSeen: boolean): void {
    let task = this.#tasks.get(slot);
    if (task === undefined) {
      task = {
        count: 0,
        unseen: 0,
        isReported: false,
        isKept: false,
        hasSlot: this.#slots.has(slot),
      };
      this.#tasks.set(slot, task);
    }
    if (!isSeen) {
      task.unseen++;
      if (!task.isKept) this.#becomeImpatient();
      task.isKept = true;
      if (!task.isReported) this.#reportLater();
    }
    if (++task.count === 1 && task.hasSlot) this.#slots.paused();
  }

  /** Called when the task does not wait for that thing any more. */
  waitEnded(slot: number, isSeen: boolean): void {
    const task = this.#tasks.get(slot);
    // The task has ended meanwhile.
    if (task === undefined) return;
    if (!isSeen && --task.unseen === 0 && task.isReported) this.#report(slot, task, false);
    if (--task.count > 0) return;
    if (!task.isKept) this.#tasks.delete(slot);
    if (task.hasSlot) this.#slots.resumed();
  }

  /** Another message has informed the main thread that the task waits. */
  seen(slot: number): void {
    const task = this.#tasks.get(slot);
    if (task !== undefined) task.isReported = true;
  }

  /** The task has ended. The main thread learns that from its report. */
  ended(slot: number): void {
    const task = this.#tasks.get(slot);
    this.#tasks.delete(slot);
    if (task !== undefined && task.count > 0 && task.hasSlot) this.#slots.resumed();
  }

  #becomeImpatient(): void {
    this.#patience = MIN_PATIENCE_MS;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #reportLater(): void {
    this.#timer ??= unref(setTimeout(() => this.#look(), this.#patience));
  }

  #look(): void {
    this.#timer = undefined;
    let isAnyReported = false;
    for (const [slot, task] of this.#tasks) {
      if (task.unseen === 0 || task.isReported) continue;
      this.#report(slot, task, true);
      isAnyReported = true;
    }
    if (isAnyReported) this.#patience = Math.min(2 * this.#patience, MAX_PATIENCE_MS);
  }

  #report(slot: number, task: Waiting, isWaiting: boolean): void {
    task.isReported = isWaiting;
    this.#post({ type: 'waits', slot, isWaiting });
  }
}
