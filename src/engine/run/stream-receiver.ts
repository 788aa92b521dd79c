/** Main's end of a stream: hands its values to the reader, and gives credit back to the worker as the reader takes them. */
import type { Future } from '../../future/future.js';
import type { Reaction } from '../../future/reaction.js';
import { whenSettled } from '../../future/settle.js';
import { FULFILLED } from '../../future/state.js';
import { SENT } from '../../scheduling/job.js';
import type { Production, Sink } from '../../stream/result-stream.js';
import type { ValueSink } from './rare-fields.js';
import type { TaskRun } from './task-run.js';

/** Values that a stream may be ahead of its reader where nothing else is said. */
export const HIGH_WATER_MARK = 1_024;

export class StreamReceiver implements Production<unknown>, Reaction, ValueSink {
  readonly #run: TaskRun;
  readonly #sink: Sink<unknown>;
  /** Values after which credit goes back: half of what the worker may be ahead, so that it rarely waits for a message. */
  readonly #enough: number;
  #arrived = 0;
  #returned = 0;

  constructor(run: TaskRun, sink: Sink<unknown>, highWaterMark: number) {
    this.#run = run;
    this.#sink = sink;
    this.#enough = Math.ceil(highWaterMark / 2);
    run.rare.feed = this;
    whenSettled(run.future, this);
  }

  get hasEmitted(): boolean {
    return this.#arrived > 0;
  }

  streamed(values: readonly unknown[]): void {
    const sink = this.#sink;
    for (let i = 0; i < values.length && !sink.isClosed; i++) {
      // One by one: a subscriber may look at what it has got so far, and leave at any value.
      this.#arrived++;
      sink.next(values[i]);
    }
    this.#settleUp();
  }

  /** Of the future behind the stream, whose value is nothing but its end. */
  react(future: Future<any>): void {
    future._observe();
    if (this.#sink.isClosed) return;
    if (future._state === FULFILLED) this.#sink.complete();
    else this.#sink.error(future._result);
  }

  taken(): void {
    this.#settleUp();
  }

  stop(): void {
    this.#run.future.cancel(`the reader of ${this.#run.name} has left`);
  }

  #settleUp(): void {
    const due = this.#arrived - this.#sink.buffered - this.#returned;
    const { phase, worker } = this.#run;
    if (due < this.#enough || phase !== SENT || worker === undefined) return;
    this.#returned += due;
    worker.grant(this.#run, due);
  }
}
