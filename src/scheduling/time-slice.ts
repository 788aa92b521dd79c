/**
 * Bounds how long reports of workers, and values of streams, may keep the main thread busy.
 *
 * Node delivers the messages of a port as long as there are any. Up to a thousand of them are
 * delivered without a turn of the event loop. A worker that receives new jobs after each report
 * always has more to report. Draining a long queue would then block timers and sockets for a
 * second. So no new jobs are sent after one time slice of reports. The workers run out of reports,
 * the event loop turns, and the next scheduling pass follows. In the same way, a stream receives no
 * more credit after one time slice of its values. A source of the caller is not asked for more.
 */
import { performance, setImmediate } from '#platform/time';
import { TIME_SLICE_MS } from '../protocol/time-slice.js';

/**
 * Smallest message, in reports, for which the time slice is measured. Smaller messages can't use up
 * the time slice and would pay for the clock.
 */
const MIN_TIMED_REPORTS = 64;

export class TimeSlice {
  readonly #next: () => void;
  readonly #minTimed: number;
  #startedAt: number | undefined;
  #isOver = false;

  /**
   * `next` is called in the next turn of the event loop if {@link TimeSlice.isOver} has returned
   * true in this turn. `minTimed` is the smallest message for which the time slice is measured.
   */
  constructor(next: () => void, minTimed = MIN_TIMED_REPORTS) {
    this.#next = next;
    this.#minTimed = minTimed;
  }

  /**
   * Records that a message with `count` reports or values has arrived. Returns true if the time
   * slice is used up.
   */
  isOver(count: number): boolean {
    if (this.#startedAt !== undefined) {
      this.#isOver ||= performance.now() - this.#startedAt > TIME_SLICE_MS;
    } else if (count >= this.#minTimed) {
      this.#startedAt = performance.now();
      setImmediate(() => this.#end());
    }
    return this.#isOver;
  }

  #end(): void {
    const wasOver = this.#isOver;
    this.#startedAt = undefined;
    this.#isOver = false;
    if (wasOver) this.#next();
  }
}
