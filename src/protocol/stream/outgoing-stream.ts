/**
 * The values of one stream on their way to its reader: collects them, sends them in batches, and
 * counts how far the stream is ahead. Used by the task of a stream, and by a caller that passes a
 * stream to a task.
 */
import type { HighWaterMark } from '../messages.js';
import type { Transferable } from '../transfer.js';
import { ByteWindow } from './byte-window.js';
import { OutgoingBatch } from './outgoing-batch.js';
import { sizeOf } from './value-size.js';

/**
 * Number of messages into which a full credit is split. The reader handles one message while the
 * worker fills the next. With a single message, one of the two would always wait for the other, and
 * the stream would take twice as long. With four, it takes a tenth longer.
 */
export const MESSAGES_PER_CREDIT = 2;

/**
 * Sends values to the reader. `bytes` is their estimated size. `creditLeft` is set if the stream
 * has to wait because of the bytes that its reader has not read. It is the credit in values that is
 * left.
 *
 * @throws DataCloneError if the values can't be sent. Then nothing was sent
 */
export type SendValues = (
  values: readonly unknown[],
  bytes: number,
  creditLeft: number | undefined,
  transfer: readonly Transferable[] | undefined,
) => void;

export class OutgoingStream {
  readonly #transmit: SendValues;
  /** Number of values that may still be emitted. */
  #credit: number;
  readonly #window: ByteWindow;
  readonly #batch = new OutgoingBatch();
  /** Size of the collected values. */
  #bytes = 0;
  /** True if the reader has returned credit since the last message. */
  #isGranted = false;
  /** Size from which collected values are sent. */
  readonly #dueBytes: number;

  constructor({ values, bytes }: HighWaterMark, send: SendValues) {
    this.#transmit = send;
    this.#credit = values;
    this.#window = new ByteWindow(bytes);
    this.#dueBytes = bytes / MESSAGES_PER_CREDIT;
  }

  /** Number of collected values. */
  get size(): number {
    return this.#batch.size;
  }

  /** The stream must not emit another value before its reader has read some. */
  get isFull(): boolean {
    return this.#credit === 0 || this.#window.isFull;
  }

  /** The collected values are large enough to be sent. */
  get isHeavy(): boolean {
    return this.#bytes >= this.#dueBytes;
  }

  /** The reader has read `count` values. */
  granted(count: number): void {
    this.#isGranted = true;
    this.#credit += count;
    if (this.#window.isLimited) this.#window.read(count);
  }

  /**
   * Collects a value. Returns true if the values must be sent before the source continues.
   *
   * @throws TypeError if the value contains a MessagePort that is not moved
   */
  add(value: unknown): boolean {
    this.#credit--;
    const mustBeSentNow = this.#batch.add(value);
    if (this.#window.isLimited) this.#bytes += this.#window.add(this.#batch.last);
    return mustBeSentNow;
  }

  /**
   * Sends the collected values. Returns false if one of them could not be sent, which is passed to
   * `cannotSend`.
   */
  flush(cannotSend: (value: unknown, cause: unknown) => void): boolean {
    const { size } = this.#batch;
    if (size === 0) return true;
    const bytes = this.#bytes;
    this.#bytes = 0;
    return this.#batch.send(
      (values, transfer) => this.#send(values, transfer, values.length === size ? bytes : sizesOf(values)),
      (value, cause) => {
        cannotSend(value, cause);
        return false;
      },
    );
  }

  /**
   * Reports that the stream still waits in spite of new credit. The main thread counts only values,
   * so it can't know.
   */
  stillWaits(): void {
    if (this.#isGranted && this.#window.isFull) this.#send([], undefined, 0);
  }

  /** Drops the collected values. */
  discard(): void {
    this.#batch.discard();
    this.#bytes = 0;
  }

  #send(values: readonly unknown[], transfer: readonly Transferable[] | undefined, bytes: number): void {
    this.#isGranted = false;
    this.#transmit(values, bytes, this.#window.isFull ? this.#credit : undefined, transfer);
  }
}

function sizesOf(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + sizeOf(value), 0);
}
