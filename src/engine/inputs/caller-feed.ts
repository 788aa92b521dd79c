/**
 * Sends the values of a source of the caller to the task that reads it. An iterator and a stream of
 * Node or the web are asked for values while there is room. An Observable can't wait: its values
 * are kept here until there is room.
 */
import { type Context, call } from '#platform/context';
import { setImmediate } from '#platform/time';
import { unsendable } from '../../protocol/stream/outgoing-batch.js';
import { OutgoingStream } from '../../protocol/stream/outgoing-stream.js';
import { unmarked } from '../../protocol/transfer.js';
import { encodeError } from '../../protocol/wire-error.js';
import { TimeSlice } from '../../scheduling/time-slice.js';
import { open, type PullListener } from '../../stream/input.js';
import { BoundedPull, type PullReader } from '../../util/bounded-pull.js';
import { insideStep } from '../life-cycle/step-scope.js';
import type { Feed, FeedTarget } from './feed.js';
import { isSpent, readBefore, spend } from './stream-argument.js';

/** Number of values between two readings of the clock. */
const VALUES_PER_CLOCK_READING = 16;

export class CallerFeed implements Feed, PullReader<unknown>, PullListener {
  readonly #target: FeedTarget;
  readonly #context: Context;
  readonly #outgoing: OutgoingStream;
  /** A source that is slower than its reader would keep this thread busy without end. */
  readonly #timeSlice = new TimeSlice(() => this.#fill(), 1);
  #pull: BoundedPull<unknown> | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** Number of values for which there was room. */
  #accepted = 0;
  #isOver = false;
  #flushSoon = false;

  constructor(target: FeedTarget) {
    this.#target = target;
    const { input, worker, number } = target;
    this.#context = input.context;
    this.#outgoing = new OutgoingStream(input.mark, (values, bytes, _creditLeft, transfer) => {
      if (values.length > 0) worker.postInput({ type: 'input-values', input: number, values, bytes }, transfer);
    });
  }

  start(): void {
    // The source may be a map. It belongs to work that was accepted before, so a draining executor
    // accepts it.
    insideStep(() => call(this.#context, this.#start, this, undefined));
  }

  #start(): void {
    const { run, input } = this.#target;
    const { source, position } = input;
    const pull = new BoundedPull(this);
    this.#pull = pull;
    try {
      if (isSpent(source)) throw readBefore(position, run.name);
      spend(source);
      pull.open(open(source, this));
    } catch (error) {
      // Opening a source may throw, for example if a web stream already has a reader.
      this.#end({ error });
      return;
    }
    this.#fill();
  }

  granted(count: number): void {
    this.#outgoing.granted(count);
    this.#fill();
  }

  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outgoing.discard();
    this.#pull?.leave();
  }

  // ── from the source ────────────────────────────────────────────────────────────────────────────

  item(item: unknown): void {
    if (this.#isOver) return;
    this.#pull!.push(item);
    this.#fill();
  }

  ended(): void {
    this.#pull!.ended();
    this.#fill();
  }

  failed(error: unknown): void {
    this.#failure = { error };
    this.ended();
  }

  cleanupFailed(error: unknown): void {
    const { run } = this.#target;
    run.owner.cleanupFailed(error, { id: run.future.id, name: run.name });
  }

  // ── to the task ────────────────────────────────────────────────────────────────────────────────

  hasRoom(): boolean {
    if (this.#isOver || this.#outgoing.isFull) return false;
    // The clock costs as much as a quick value.
    return ++this.#accepted % VALUES_PER_CLOCK_READING !== 0 || !this.#timeSlice.isOver(1);
  }

  accept(item: unknown): void {
    let mustBeSentNow: boolean;
    try {
      mustBeSentNow = this.#outgoing.add(item);
    } catch (error) {
      this.#refuse(unmarked(item), error);
      return;
    }
    if (mustBeSentNow || this.#outgoing.isHeavy) this.#flush();
    else if (!this.#flushSoon) this.#flushLater();
  }

  #fill(): void {
    const pull = this.#pull;
    if (this.#isOver || pull === undefined || pull.isFilling) return;
    pull.fill();
    if (!this.#isOver && pull.isDone) this.#end(this.#failure);
    // The source waits for the task, so more values come only when the task has read these.
    else if (this.#outgoing.isFull) this.#flush();
  }

  /** The values of one turn of the event loop are sent together. */
  #flushLater(): void {
    this.#flushSoon = true;
    setImmediate(() => {
      this.#flushSoon = false;
      if (!this.#isOver) this.#flush();
    });
  }

  #flush(): boolean {
    return this.#outgoing.flush((value, cause) => this.#refuse(value, cause));
  }

  /** A value can't be sent, so the source is left and the task receives the error. */
  #refuse(value: unknown, cause: unknown): void {
    const error = unsendable(value, cause, `arguments[${this.#target.input.position}], a value of the stream,`);
    this.#end({ error });
    this.#pull!.leave();
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.#isOver || !this.#flush()) return;
    this.#isOver = true;
    const { worker, number } = this.#target;
    worker.postInput({ type: 'input-ended', input: number, failure: failure && encodeError(failure.error) });
  }
}
