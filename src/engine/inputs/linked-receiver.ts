/**
 * The main thread's end of a stream whose values flow to another worker. Values do not come here,
 * only the first sign of them and the end.
 */
import type { Future } from '../../future/future.js';
import type { Reaction } from '../../future/reaction.js';
import { whenSettled } from '../../future/settle.js';
import { FULFILLED } from '../../future/state.js';
import type { Production, Sink } from '../../stream/result-stream.js';
import type { ValueSink } from '../run/rare-fields.js';
import type { TaskRun } from '../run/task-run.js';

export class LinkedReceiver implements Production<unknown>, Reaction, ValueSink {
  hasEmitted = false;
  readonly #run: TaskRun;
  readonly #sink: Sink<unknown>;

  constructor(run: TaskRun, sink: Sink<unknown>) {
    this.#run = run;
    this.#sink = sink;
    run.rare.valueSink = this;
    whenSettled(run.future, this);
  }

  streamed(): void {
    this.hasEmitted = true;
  }

  react(future: Future<any>): void {
    future._observe();
    if (this.#sink.isClosed) return;
    if (future._state === FULFILLED) this.#sink.complete();
    else this.#sink.error(future._result);
  }

  stop(): void {
    this.#run.future.cancel(`the reader of "${this.#run.name}" has left`);
  }
}
