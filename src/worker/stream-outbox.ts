/**
 * The values of one stream on their way to its reader: collects them, sends them in batches, and
 * counts how far the stream is ahead.
 */
import type { HighWaterMark } from '../protocol/messages.js';
import type { Transferable } from '../protocol/transfer.js';
import { ByteWindow } from './byte-window.js';
import type { Post } from './host.js';
import { OutgoingBatch } from './outgoing-batch.js';
import { MESSAGES_PER_CREDIT } from './stream-pace.js';
import { sizeOf } from './value-size.js';

export class StreamOutbox {
  readonly #slot: number;
  readonly #post: Post;
  /** Number of values that may still be emitted. */
  #credit: number;
  readonly #window: ByteWindow;
  readonly #batch = new OutgoingBatch();
  /** Size of the collected values. */
  #bytes = 0;
  /** Size from which collected values are sent. */
  readonly #dueBytes: number;

  constructor(slot: number, { values, bytes }: HighWaterMark, post: Post) {
    this.#slot = slot;
    this.#post = post;
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
    this.#send([], undefined, 0);
  }

  /** Drops the collected values. */
  discard(): void {
    this.#batch.discard();
    this.#bytes = 0;
  }

  #send(values: readonly unknown[], transfer: readonly Transferable[] | undefined, bytes: number): void {
    const slot = this.#slot;
    if (this.#window.isFull) this.#post({ type: 'items', slot, values, bytes, held: this.#credit }, transfer);
    else this.#post({ type: 'items', slot, values, bytes }, transfer);
  }
}

function sizesOf(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + sizeOf(value), 0);
}
