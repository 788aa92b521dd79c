/**
 * One stream of a worker: asks the source for values while there is credit, and sends them in
 * batches.
 */
import { setImmediate } from '#platform/time';
import { NO_CREDIT_CELLS } from '../protocol/ledger.js';
import type { HighWaterMark } from '../protocol/messages.js';
import { unsendable } from '../protocol/stream/outgoing-batch.js';
import { OutgoingStream } from '../protocol/stream/outgoing-stream.js';
import { asPromise, whenDone } from '../protocol/thenable.js';
import { unmarked } from '../protocol/transfer.js';
import { encodeError } from '../protocol/wire-error.js';
import type { LinkedOutput } from './links.js';
import { ReturnedCredit } from './returned-credit.js';
import { failStream, type StreamHost, toMain } from './stream-host.js';
import { StreamPace } from './stream-pace.js';
import { checkResult, closeUnread, type Source } from './stream-source.js';
import type { TaskContext } from './task-context.js';

export interface Failure {
  readonly error: unknown;
}

export class Stream {
  readonly #task: TaskContext;
  readonly #source: Source;
  readonly #host: StreamHost;
  readonly #ended: (failure: Failure | undefined) => void;
  readonly #outgoing: OutgoingStream;
  /** Set if the values flow to another task. */
  readonly #linked: LinkedOutput | undefined;
  readonly #returned: ReturnedCredit;
  readonly #pace: StreamPace;
  /** True while the source has been asked for a value and has not answered. */
  #isWaiting = false;
  #isPaused = false;
  #hasReaderLeft = false;
  #isOver = false;
  #isInTurn = false;

  constructor(
    task: TaskContext,
    source: Source,
    mark: HighWaterMark,
    host: StreamHost,
    ended: (failure: Failure | undefined) => void,
  ) {
    this.#task = task;
    this.#source = source;
    this.#linked = host.links.start(task.slot, this);
    this.#outgoing = new OutgoingStream(mark, this.#linked?.send ?? toMain(task.slot, host.post));
    this.#returned = new ReturnedCredit(this.#linked === undefined ? host.ledger : NO_CREDIT_CELLS, task.slot);
    this.#pace = new StreamPace(mark.values);
    this.#host = host;
    this.#ended = ended;
  }

  get id(): number {
    return this.#task.id;
  }

  go(): void {
    this.#task.run(() => this.#pull());
  }

  addCredit(count: number): void {
    this.#outgoing.granted(count);
    if (!this.#isPaused || !this.#returned.refill(this.#outgoing)) return;
    this.#isPaused = false;
    this.#host.resumed(this.#task.slot, this.#linked === undefined);
    this.go();
  }

  leave(): void {
    if (this.#isOver) return;
    this.#hasReaderLeft = true;
    this.#outgoing.discard();
    // The source releases its resources, as a generator does in its `finally`. No reader can
    // receive an error of this cleanup any more. A generator that is busy with a value returns when
    // the value is finished, and the job waits for the generator.
    this.#task.run(() => {
      void this.#source
        .leave()
        .catch((error) => this.#cleanupFailed(error))
        .then(() => this.#end(undefined));
    });
  }

  /**
   * Rejects the future of the stream at once, with an error that the source has not thrown. The job
   * ends when the source has released its resources.
   */
  fail(error: unknown): void {
    // If a collected value can't be sent, the stream fails with the error of that value.
    if (this.#isOver || this.#hasReaderLeft || !this.flush()) return;
    failStream(this.#host.post, this.#task, error);
    this.leave();
  }

  #cleanupFailed(error: unknown): void {
    // A task often throws because its signal was aborted. Such an error is not a failure.
    if (this.#task.isCausedByAbort(error)) return;
    const { id, name } = this.#task;
    this.#host.post({ type: 'cleanup-failed', error: encodeError(error), id, name });
  }

  /** Handles an error of the source. Advances the stream to over. */
  #failed(error: unknown): void {
    if (this.#isOver) return;
    // A generator that was busy when its reader left throws the error of its cleanup here, not from
    // return(). The job still waits for return().
    if (this.#hasReaderLeft) this.#cleanupFailed(error);
    else this.#end({ error });
  }

  /**
   * Asks for values while there is credit. A loop is used for synchronous values, because a
   * recursion would be as deep as the stream.
   */
  #pull(): void {
    if (this.#isWaiting) return;
    this.#enterTurn();
    while (!this.#isOver && !this.#hasReaderLeft) {
      if (this.#outgoing.isFull && this.#mustWait()) return;
      if (this.#pace.readClock() && !this.#mayContinue()) return;
      if (!this.#ask()) return;
    }
  }

  /** Sends values that are due. Returns false if the stream is over, or has to continue later. */
  #mayContinue(): boolean {
    if (this.#pace.isFlushDue && !this.flush()) return false;
    if (this.#pace.isSliceOver) this.#pullLater();
    return !this.#pace.isSliceOver;
  }

  /** Asks for more values in a later turn of the event loop. */
  #pullLater(): void {
    this.#isWaiting = true;
    setImmediate(() => {
      this.#isWaiting = false;
      this.go();
    });
  }

  /** Asks for one value. Returns false if the answer comes later. */
  #ask(): boolean {
    let answer: unknown;
    this.#isWaiting = true;
    try {
      answer = this.#source.next();
      const promise = asPromise(answer);
      if (promise !== undefined) {
        this.#receiveLater(promise);
        return false;
      }
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#isWaiting = false;
    this.#receive(answer);
    return true;
  }

  #receiveLater(promise: Promise<unknown>): void {
    whenDone(
      promise,
      (result) => {
        this.#isWaiting = false;
        this.#receive(result);
        this.#pull();
      },
      (error) => this.#failed(error),
    );
  }

  #receive(result: unknown): void {
    if (this.#isOver || this.#hasReaderLeft) {
      closeUnread(result);
      return;
    }
    let done: unknown;
    let value: unknown;
    try {
      ({ done, value } = checkResult(result));
    } catch (error) {
      this.#end({ error });
      return;
    }
    if (done) {
      this.#end(undefined);
      return;
    }
    this.#enterTurn();
    let mustBeSentNow: boolean;
    try {
      mustBeSentNow = this.#outgoing.add(value);
    } catch (error) {
      this.#cannotSend(unmarked(value), error);
      return;
    }
    if (mustBeSentNow || this.#outgoing.isHeavy || this.#pace.isDue(this.#outgoing.size)) this.flush();
  }

  /** Pauses the stream, unless its reader has returned credit. Returns true if nothing is asked. */
  #mustWait(): boolean {
    if (!this.flush()) return true;
    if (this.#returned.refill(this.#outgoing)) return false;
    this.#isPaused = true;
    this.#host.paused(this.#task.slot, this.#linked === undefined);
    return true;
  }

  /** Starts a time slice in each turn of the event loop. Promises of the source do not end it. */
  #enterTurn(): void {
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    this.#pace.startSlice();
    setImmediate(() => {
      this.#isInTurn = false;
      if (!this.#isOver) this.flush();
    });
  }

  /**
   * Sends the collected values. Returns false if a value could not be sent, which fails the stream.
   */
  flush(): boolean {
    return this.#outgoing.flush((value, cause) => this.#cannotSend(value, cause));
  }

  #cannotSend(value: unknown, cause: unknown): void {
    this.fail(unsendable(value, cause, 'value'));
  }

  /**
   * Ends the stream. Its values are sent before its end is reported. Advances the stream to over.
   */
  #end(failure: Failure | undefined): void {
    if (this.#isOver || !this.flush()) return;
    this.#isOver = true;
    if (this.#isPaused) this.#host.resumed(this.#task.slot, this.#linked === undefined);
    // The main thread informs the reader of every other end.
    if (failure === undefined && !this.#hasReaderLeft) this.#linked?.end();
    this.#linked?.close();
    this.#ended(failure);
  }
}
