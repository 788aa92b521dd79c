/**
 * Connects the stream of a task with the task that reads it.
 *
 * If the workers of both can be linked, the values flow between them. The main thread only starts
 * the source, ends it, and passes its error on. Otherwise the values pass through this file.
 */
import { call } from '#platform/context';
import { queueMicrotask } from '#platform/time';
import { explainUnclonable } from '../../protocol/clone-fault.js';
import { OutgoingBatch } from '../../protocol/stream/outgoing-batch.js';
import { sizeOf } from '../../protocol/stream/value-size.js';
import { movable } from '../../protocol/transfer.js';
import { encodeError } from '../../protocol/wire-error.js';
import type { Production, ResultStream, Sink } from '../../stream/result-stream.js';
import { insideStep } from '../life-cycle/step-scope.js';
import type { Feed, FeedTarget } from './feed.js';

export class TaskFeed implements Feed, Sink<unknown> {
  readonly target: FeedTarget;
  readonly #source: ResultStream<unknown>;
  #production: Production<unknown> | undefined;
  readonly #batch = new OutgoingBatch();
  #bytes = 0;
  buffered = 0;
  isClosed = false;
  #flushSoon = false;

  constructor(target: FeedTarget, source: ResultStream<unknown>) {
    this.target = target;
    this.#source = source;
  }

  start(): void {
    // The source belongs to work that was accepted before, so a draining executor accepts it.
    const start = () => insideStep(() => this.#source._produceFor(this));
    const production = call(this.target.input.context, start, undefined, undefined);
    if (this.isClosed) production.stop();
    else this.#production = production;
  }

  granted(count: number): void {
    this.buffered -= count;
    this.#production?.valueRead?.(undefined);
  }

  leave(): void {
    this.isClosed = true;
    this.#batch.discard();
    this.#production?.stop();
    this.#production = undefined;
  }

  // ── Sink: called by the source ─────────────────────────────────────────────────────────────────

  /** Values come here only if the workers are not linked. */
  next(value: unknown): boolean {
    // The value belongs to this thread, because it has just arrived. So its parts can be moved.
    const parts = movable(value);
    if (parts.length > 0) this.#batch.addMoved(value, parts);
    else this.#batch.addFinal(value);
    if (this.target.input.mark.bytes !== Number.POSITIVE_INFINITY) this.#bytes += sizeOf(value);
    this.buffered++;
    if (!this.#flushSoon) {
      this.#flushSoon = true;
      queueMicrotask(() => this.#flush());
    }
    return false;
  }

  error(error: unknown): void {
    this.#end({ error });
  }

  complete(): void {
    this.#end(undefined);
  }

  #flush(): void {
    this.#flushSoon = false;
    const { worker, number: input } = this.target;
    const bytes = this.#bytes;
    this.#bytes = 0;
    if (this.isClosed || this.#batch.size === 0) return;
    this.#batch.send(
      (values, transfer) => worker.postInput({ type: 'input-values', input, values, bytes }, transfer),
      (value, cause) => {
        this.#end({ error: explainUnclonable(value, 'a value of the stream', cause) });
        return false;
      },
    );
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.#flush();
    if (this.isClosed) return;
    const { worker, number: input } = this.target;
    worker.postInput({ type: 'input-ended', input, failure: failure && encodeError(failure.error) });
    this.leave();
  }
}
