/**
 * Lets the event loop breathe. Node hands over the messages of a port for as long as there are any, up to a thousand without a turn of the
 * event loop between; and a worker that is sent more as soon as it has reported sees to it that there are. Draining a long queue would
 * be one turn of a second. So after some ms of reports the next work waits for the next turn, and the stream of messages runs dry.
 */
import { performance, setImmediate } from '../platform/time.js';

/** ms of reports in one turn: what a server's other work may be made to wait. */
const TIME_SLICE_MS = 10;
/** Reports in a message below which no notice is taken of it: few tasks can't fill a turn, and would pay for the timer. */
const MANY = 64;

export class TimeSlice {
  readonly #next: () => void;
  #began: number | undefined;
  #isOver = false;

  /** `next` is called in the next turn where {@link Turn.isOver} has answered true in this one. */
  constructor(next: () => void) {
    this.#next = next;
  }

  /** So many reports have come. */
  isOver(reports: number): boolean {
    if (this.#began !== undefined) {
      this.#isOver ||= performance.now() - this.#began > TIME_SLICE_MS;
    } else if (reports >= MANY) {
      this.#began = performance.now();
      setImmediate(() => this.#end());
    }
    return this.#isOver;
  }

  #end(): void {
    const wasOver = this.#isOver;
    this.#began = undefined;
    this.#isOver = false;
    if (wasOver) this.#next();
  }
}
