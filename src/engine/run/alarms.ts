/**
 * Fires many alarms with one timer. A server may have ten thousand tasks with deadlines, and nearly
 * all of them settle in time. Setting an alarm therefore touches no timer, unless the alarm is the
 * earliest one. Clearing an alarm never does.
 *
 * The alarms run on the real clock, outside of every async context.
 */
import { clearTimeout, now, type Timer, unref } from '#platform/time';
import { after } from '#platform/timers';

export interface Alarm {
  /** ms since the epoch. Does not change while the alarm is set. */
  readonly at: number;
  /** Only {@link Alarms} writes it. */
  isSet: boolean;
  /** Called once, at `at` or soon after. Must not throw. */
  fire(): void;
}

/** Number of cleared alarms that are kept before the list is filtered. */
const MAX_CLEARED = 64;

export class Alarms {
  /** A binary heap: no alarm is later than its two children. Cleared alarms stay for a while. */
  #heap: Alarm[] = [];
  #cleared = 0;
  #timer: Timer | undefined;
  /** Time at which the timer ends, in ms since the epoch. Infinity if there is no timer. */
  #wakesAt = Number.POSITIVE_INFINITY;

  set(alarm: Alarm): void {
    alarm.isSet = true;
    this.#push(alarm);
    if (alarm.at < this.#wakesAt) this.#wakeAt(alarm.at);
  }

  /**
   * Does nothing if the alarm has rung. The timer stays, because a new alarm usually follows. A
   * timer without alarms ends by itself, and keeps no process alive.
   */
  clear(alarm: Alarm): void {
    if (!alarm.isSet) return;
    alarm.isSet = false;
    this.#cleared++;
    if (this.#cleared <= MAX_CLEARED || this.#cleared < this.#heap.length / 2) return;
    const kept = this.#heap.filter(({ isSet }) => isSet);
    this.#heap = [];
    this.#cleared = 0;
    for (const each of kept) this.#push(each);
  }

  #wakeAt(at: number): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#wakesAt = at;
    // Node cuts off fractions of a ms, so the timer would be early.
    this.#timer = unref(after(Math.max(1, Math.ceil(at - now())), () => this.#wake()));
  }

  #wake(): void {
    this.#timer = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.isSet && first.at > now()) {
        if (first.at < this.#wakesAt) this.#wakeAt(first.at);
        return;
      }
      this.#pop();
      if (!first.isSet) this.#cleared--;
      else {
        first.isSet = false;
        first.fire();
      }
    }
  }

  #push(alarm: Alarm): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(alarm);
    for (let parent = (at - 1) >> 1; at > 0 && heap[parent]!.at > alarm.at; parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = alarm;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
      if (heap[child]!.at >= last.at) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
