/**
 * The receiving end of a stream on the main thread. It passes values to the reader, and returns
 * credit to the worker as the reader consumes them.
 */
import type { Future } from '../../future/future.js';
import type { Reaction } from '../../future/reaction.js';
import { whenSettled } from '../../future/settle.js';
import { FULFILLED } from '../../future/state.js';
import type { Production, Sink } from '../../stream/result-stream.js';
import type { ValueSink } from './rare-fields.js';
import type { TaskRun } from './task-run.js';

/** Default number of values that a stream may be ahead of its reader. */
export const HIGH_WATER_MARK = 1_024;

export class StreamReceiver implements Production<unknown>, Reaction, ValueSink {
  readonly #run: TaskRun;
  readonly #sink: Sink<unknown>;
  /**
   * Number of consumed values after which credit is returned. It is half of the high-water mark, so
   * that the worker rarely waits for a message.
   */
  readonly #creditBatch: number;
  #arrived = 0;
  #returned = 0;

  constructor(run: TaskRun, sink: Sink<unknown>, highWaterMark: number) {
    this.#run = run;
    this.#sink = sink;
    this.#creditBatch = Math.ceil(highWaterMark / 2);
    run.rare.valueSink = this;
    whenSettled(run.future, this);
  }

  get hasEmitted(): boolean {
    return this.#arrived > 0;
  }

  streamed(values: readonly unknown[]): void {
    const sink = this.#sink;
    for (let i = 0; i < values.length && !sink.isClosed; i++) {
      // Values are counted one by one, because a subscriber may inspect the state of the stream and
      // leave at any value.
      this.#arrived++;
      sink.next(values[i]);
    }
    this.#returnCredit();
  }

  /**
   * Called when the future behind the stream has settled. Its value only marks the end of the
   * stream.
   */
  react(future: Future<any>): void {
    future._observe();
    if (this.#sink.isClosed) return;
    if (future._state === FULFILLED) this.#sink.complete();
    else this.#sink.error(future._result);
  }

  taken(): void {
    this.#returnCredit();
  }

  stop(): void {
    this.#run.future.cancel(`the reader of "${this.#run.name}" has left`);
  }

  #returnCredit(): void {
    const due = this.#arrived - this.#sink.buffered - this.#returned;
    if (due >= this.#creditBatch && this.#run.grant(due)) this.#returned += due;
  }
}
