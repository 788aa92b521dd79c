/**
 * Measures how quickly a stream makes its values, so that the stream knows when to send them and
 * when to pause for other work.
 */
import { performance } from '#platform/time';
import { MAX_BATCH_WAIT_MS } from '../protocol/stream/outgoing-batch.js';
import { MESSAGES_PER_CREDIT } from '../protocol/stream/outgoing-stream.js';
import { TIME_SLICE_MS } from '../protocol/time-slice.js';

/** Number of values between two readings of the clock, if values are made quickly. */
const VALUES_PER_CLOCK_READING = 16;

export class StreamPace {
  /** True if the collected values have waited for the longest time that they may wait. */
  isFlushDue = false;
  /**
   * True if the stream has used up its time slice. It then continues in a later turn of the event
   * loop.
   */
  isSliceOver = false;
  /** True if the source made its recent values quickly. */
  #isQuick = false;
  /** Number of collected values that are sent at once. */
  readonly #batchSize: number;
  #sliceStart = 0;
  /** Time of the last flush in this time slice. */
  #flushedAt = 0;
  #clockReadAt = 0;
  /** Number of values until the clock is read again. */
  #unclocked = 0;

  constructor(credit: number) {
    this.#batchSize = Math.ceil(credit / MESSAGES_PER_CREDIT);
  }

  startSlice(): void {
    this.#sliceStart = this.#flushedAt = this.#clockReadAt = performance.now();
    this.#unclocked = 2;
  }

  /** Called before each value. Returns true if the clock was read, which updates the properties. */
  readClock(): boolean {
    if (--this.#unclocked > 0) return false;
    this.#update(performance.now());
    return true;
  }

  #update(now: number): void {
    this.#isQuick = now - this.#clockReadAt < MAX_BATCH_WAIT_MS;
    this.isFlushDue = now - this.#flushedAt > MAX_BATCH_WAIT_MS;
    this.isSliceOver = now - this.#sliceStart >= TIME_SLICE_MS;
    this.#unclocked = this.#isQuick ? VALUES_PER_CLOCK_READING : 1;
    this.#clockReadAt = now;
    if (this.isFlushDue) this.#flushedAt = now;
  }

  /**
   * Returns true if `count` collected values have to be sent. Values of a slow source are sent at
   * once, because the next value may take long.
   */
  isDue(count: number): boolean {
    return !this.#isQuick || count >= this.#batchSize;
  }
}
