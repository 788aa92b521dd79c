/**
 * The receiving end of a stream on the main thread. It passes values to the reader, and returns
 * credit to the worker as the reader consumes them.
 */
import type { Future } from '../../future/future.js';
import type { Reaction } from '../../future/reaction.js';
import { whenSettled } from '../../future/settle.js';
import { FULFILLED } from '../../future/state.js';
import type { HighWaterMark } from '../../protocol/messages.js';
import { isCreditDue } from '../../protocol/stream/read-credit.js';
import { TimeSlice } from '../../scheduling/time-slice.js';
import type { Production, Sink } from '../../stream/result-stream.js';
import { Deque } from '../../util/deque.js';
import type { ValueSink } from './rare-fields.js';
import type { TaskRun } from './task-run.js';

/**
 * Number of parts in which credit returns. A full message has half of the credit, but many messages
 * are smaller. With two parts, credit would often be late.
 */
const PARTS = 4;

export class StreamReceiver implements Production<unknown>, Reaction, ValueSink {
  readonly #run: TaskRun;
  readonly #sink: Sink<unknown>;
  readonly #mark: HighWaterMark;
  /** The messages whose values were not all consumed: where each ends, and its size. */
  readonly #messages = new Deque<{ readonly end: number; readonly bytes: number }>();
  #arrived = 0;
  #returned = 0;
  /** Size of the messages that were consumed since credit was last returned. */
  #dueBytes = 0;
  /** A reader that is slower than its stream would keep this thread busy without end. */
  readonly #timeSlice = new TimeSlice(() => this.#returnCredit(), 1);

  constructor(run: TaskRun, sink: Sink<unknown>, mark: HighWaterMark) {
    this.#run = run;
    this.#sink = sink;
    this.#mark = mark;
    run.rare.valueSink = this;
    whenSettled(run.future, this);
  }

  get hasEmitted(): boolean {
    return this.#arrived > 0;
  }

  streamed(values: readonly unknown[], bytes: number): void {
    const sink = this.#sink;
    if (bytes > 0) this.#messages.push({ end: this.#arrived + values.length, bytes });
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

  valueRead(): void {
    this.#returnCredit();
  }

  stop(): void {
    this.#run.future.cancel(`the reader of "${this.#run.name}" has left`);
  }

  #returnCredit(): void {
    const consumed = this.#arrived - this.#sink.buffered;
    while (this.#messages.size > 0 && this.#messages.first!.end <= consumed)
      this.#dueBytes += this.#messages.shift()!.bytes;
    const due = consumed - this.#returned;
    if (!isCreditDue(this.#mark, PARTS, due, this.#dueBytes)) return;
    if (due === 0 || this.#timeSlice.isOver(due) || !this.#run.grant(due)) return;
    this.#returned += due;
    this.#dueBytes = 0;
  }
}
