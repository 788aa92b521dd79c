/**
 * The last abort of a worker in a browser, in shared memory. A task that blocks its thread reads no
 * message there, but `throwIfCancelled()` throws the reason of its cancel.
 *
 * The abort is also posted as a message, so a letter may be missing. A reason that is too long, or
 * not plain data, has no letter. A second letter replaces the first.
 *
 * The reader sees a letter as a whole or not at all:
 *
 *   1. The page makes SEQUENCE odd, writes the text, and makes SEQUENCE even again.
 *   2. The worker reads SEQUENCE, copies the text, and reads SEQUENCE again. If it is odd or has
 *      changed, the worker has no letter.
 */
import type { ToWorker } from '../messages.js';

export type Abort = Extract<ToWorker, { type: 'abort' }>;

// Indexes of 32-bit words. The text follows, as UTF-8.
const SEQUENCE = 0;
const LENGTH = 1;
const TEXT_AT = 2 * Int32Array.BYTES_PER_ELEMENT;

/** Maximum length of the text in bytes. An error with its stack takes about 1 KiB. */
const MAX_BYTES = 16 * 1024;

export class AbortLetter {
  readonly #words: Int32Array;
  readonly #text: Uint8Array;
  #read: number;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(TEXT_AT + MAX_BYTES)) {
    this.#words = new Int32Array(memory, 0, 2);
    this.#text = new Uint8Array(memory, TEXT_AT);
    this.#read = Atomics.load(this.#words, SEQUENCE);
  }

  /** Page: writes the letter. Called before the job is marked as stopped in the ledger. */
  write(abort: Abort): void {
    if (!isPlain(abort)) return;
    const bytes = new TextEncoder().encode(JSON.stringify(abort));
    if (bytes.length > MAX_BYTES) return;
    Atomics.add(this.#words, SEQUENCE, 1);
    this.#text.set(bytes);
    this.#words[LENGTH] = bytes.length;
    Atomics.add(this.#words, SEQUENCE, 1);
  }

  /** Worker: returns each letter once. */
  read(): Abort | undefined {
    const before = Atomics.load(this.#words, SEQUENCE);
    if (before === this.#read || before % 2 !== 0) return undefined;
    // A TextDecoder does not read shared memory, so the bytes are copied.
    const bytes = this.#text.slice(0, this.#words[LENGTH]);
    if (Atomics.load(this.#words, SEQUENCE) !== before) return undefined;
    this.#read = before;
    return JSON.parse(new TextDecoder().decode(new Uint8Array(bytes))) as Abort;
  }
}

/** Returns true for a value that JSON keeps as structured clone does. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (Array.isArray(value)) return value.every(isPlain);
      return (
        Object.getPrototypeOf(value) === Object.prototype &&
        Object.values(value).every((part) => part === undefined || isPlain(part))
      );
    default:
      return false;
  }
}
