/**
 * One direction of a mailbox: a ring of 32-bit words in shared memory, with one writer and one
 * reader on different threads. It carries letters, which are small batches of jobs or of reports.
 *
 * A letter is `cells.length, values.length, busy (2 words), cells…, values…`.
 *
 * Guarantees:
 *
 *   - The reader sees a letter as a whole or not at all, because the writer moves WRITTEN after it
 *     has written all words. If the thread of the writer ends in between, the letter never existed.
 *   - The writer never overwrites a word that was not read, because the reader moves READ after it
 *     has read the words.
 *   - A reader that announces its sleep is woken: see `sleep`.
 */
import { now } from '#platform/time';
import type { Cells } from '../messages.js';
import { MAX_LETTER_WORDS, SmallValueReader, SmallValueWriter } from './small-values.js';

// Indexes of the words of the header, which is before the ring.
/** Number of words that were written, modulo 2^32. */
const WRITTEN = 0;
/** Number of words that were read, modulo 2^32. */
const READ = 1;
/** State of the reader: AWAKE, ASLEEP or BLOCKED. */
const STATE = 2;
/** Numbers of messages of the port that were posted and received, modulo 2^32. */
const POSTED = 3;
const RECEIVED = 4;
/** Time at which the writer last woke the reader, in ms since the epoch (2 words). */
const WOKEN_AT = 6;
const HEADER_WORDS = 16;

/** Number of words in the ring, a power of 2. There is room for 16 of the largest letters. */
export const RING_WORDS = 16 * MAX_LETTER_WORDS;
const MASK = RING_WORDS - 1;

/** The reader reads letters by itself. */
export const AWAKE = 0;
/** The reader sleeps in its event loop. A message of the port wakes it. */
export const ASLEEP = 1;
/** The reader is blocked in `Atomics.wait`. A notification wakes it, but no message. */
export const BLOCKED = 2;

/** A message that only wakes the event loop of a reader. Deno delivers `undefined` as `null`. */
export const WAKE = null;

/** Several letters that were read together. */
export interface Letters {
  readonly cells: number[];
  readonly values: unknown[];
  readonly busy: number;
}

/** Creates the memory of a ring. Its reader is asleep. */
export function ringMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer((HEADER_WORDS + RING_WORDS) * Int32Array.BYTES_PER_ELEMENT);
  new Int32Array(memory)[STATE] = ASLEEP;
  return memory;
}

export class RingWriter {
  readonly #header: Int32Array;
  readonly #wokenAt: Float64Array;
  readonly #words: Int32Array;
  readonly #letter = new SmallValueWriter();
  #at = 0;
  #posted = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#header = new Int32Array(memory, 0, HEADER_WORDS);
    this.#wokenAt = new Float64Array(memory, WOKEN_AT * Int32Array.BYTES_PER_ELEMENT, 1);
    this.#words = new Int32Array(memory, HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT, RING_WORDS);
    this.#at = this.#header[WRITTEN]!;
  }

  /**
   * True if every message that was posted to the port has been received. Otherwise a letter would
   * overtake a message.
   */
  get isInOrder(): boolean {
    return Atomics.load(this.#header, RECEIVED) === this.#posted;
  }

  /**
   * Writes a letter. Returns false if a value is not small, or if there is no room. Nothing is
   * written then.
   */
  write(cells: Cells, values: readonly unknown[], busy: number): boolean {
    const letter = this.#letter;
    letter.clear();
    try {
      if (!this.#compose(cells, values, busy)) return false;
    } catch {
      // A getter of a value has thrown. The value is then posted as a message, where the getter
      // throws again and the error is reported.
      return false;
    }
    const { words, length } = letter;
    const free = RING_WORDS - ((this.#at - Atomics.load(this.#header, READ)) | 0);
    if (length > free) return false;
    const ring = this.#words;
    for (let i = 0; i < length; i++) ring[(this.#at + i) & MASK] = words[i]!;
    this.#at = (this.#at + length) | 0;
    Atomics.store(this.#header, WRITTEN, this.#at);
    return true;
  }

  #compose(cells: Cells, values: readonly unknown[], busy: number): boolean {
    const letter = this.#letter;
    if (!letter.addInteger(cells.length) || !letter.addInteger(values.length) || !letter.addDouble(busy)) return false;
    for (let i = 0; i < cells.length; i++) if (!letter.addInteger(cells[i]!)) return false;
    for (let i = 0; i < values.length; i++) if (!letter.add(values[i])) return false;
    return true;
  }

  /** Records that a message was posted to the port. */
  posted(): void {
    this.#posted = (this.#posted + 1) | 0;
    Atomics.store(this.#header, POSTED, this.#posted);
  }

  /**
   * Called after a letter was written. Returns how the reader was waiting. If it was ASLEEP, the
   * caller must post WAKE.
   *
   * A reader that falls asleep misses no letter:
   *
   *   1. The reader sets its state to ASLEEP, and then checks for letters once more.
   *   2. The writer writes its letter, and then reads the state of the reader.
   *
   * If the reader's check comes before the letter, the writer reads ASLEEP and wakes the reader.
   * Otherwise the reader finds the letter.
   */
  wake(): typeof AWAKE | typeof ASLEEP | typeof BLOCKED {
    const state = Atomics.load(this.#header, STATE);
    if (state === BLOCKED) return this.notify() ? BLOCKED : AWAKE;
    if (state === AWAKE || Atomics.compareExchange(this.#header, STATE, ASLEEP, AWAKE) !== ASLEEP) return AWAKE;
    return ASLEEP;
  }

  /** True if the reader neither sleeps nor blocks. */
  get isReaderAwake(): boolean {
    return Atomics.load(this.#header, STATE) === AWAKE;
  }

  /**
   * Wakes a blocked reader. Called after a message was posted, which a blocked reader does not
   * notice. Returns true if the reader was blocked.
   *
   * Does not mark a reader that is asleep as awake. Such a reader may have received the message
   * already and have fallen asleep again. With the mark, no later letter would wake the reader.
   */
  notify(): boolean {
    if (Atomics.load(this.#header, STATE) !== BLOCKED) return false;
    this.#wokenAt[0] = now();
    if (Atomics.compareExchange(this.#header, STATE, BLOCKED, AWAKE) !== BLOCKED) return false;
    Atomics.notify(this.#header, STATE);
    return true;
  }
}

export class RingReader {
  readonly #header: Int32Array;
  readonly #wokenAt: Float64Array;
  readonly #reader: SmallValueReader;
  #received = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#header = new Int32Array(memory, 0, HEADER_WORDS);
    this.#wokenAt = new Float64Array(memory, WOKEN_AT * Int32Array.BYTES_PER_ELEMENT, 1);
    const words = new Int32Array(memory, HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT, RING_WORDS);
    this.#reader = new SmallValueReader(words, MASK);
    this.#reader.at = this.#header[READ]!;
  }

  get hasLetters(): boolean {
    return Atomics.load(this.#header, WRITTEN) !== this.#reader.at;
  }

  /** True if a message was posted to the port and has not been received. */
  get hasMessages(): boolean {
    return Atomics.load(this.#header, POSTED) !== this.#received;
  }

  /** Reads all letters. Returns `undefined` if there is none. */
  read(): Letters | undefined {
    const end = Atomics.load(this.#header, WRITTEN);
    const reader = this.#reader;
    if (reader.at === end) return undefined;
    const cells: number[] = [];
    const values: unknown[] = [];
    let busy = 0;
    do {
      const cellCount = reader.integer();
      const valueCount = reader.integer();
      busy += reader.double();
      for (let i = 0; i < cellCount; i++) cells.push(reader.integer());
      for (let i = 0; i < valueCount; i++) values.push(reader.value());
      reader.at |= 0;
    } while (reader.at !== end);
    Atomics.store(this.#header, READ, end);
    return { cells, values, busy };
  }

  /** Time at which the writer last notified this reader while it waited, in ms since the epoch. */
  get wokenAt(): number {
    return this.#wokenAt[0]!;
  }

  /** Records that a message of the port was received. All letters before it have been read. */
  received(): void {
    this.#received = (this.#received + 1) | 0;
    Atomics.store(this.#header, RECEIVED, this.#received);
  }

  /**
   * Announces that the reader sleeps in its event loop. Returns false if there are letters. The
   * reader is awake then.
   */
  sleep(): boolean {
    Atomics.store(this.#header, STATE, ASLEEP);
    if (!this.hasLetters) return true;
    this.wakeUp();
    return false;
  }

  wakeUp(): void {
    Atomics.store(this.#header, STATE, AWAKE);
  }

  /** Blocks the thread until a letter or a message comes, for at most `ms` ms. */
  block(ms: number): void {
    Atomics.store(this.#header, STATE, BLOCKED);
    if (!this.hasLetters && !this.hasMessages) Atomics.wait(this.#header, STATE, BLOCKED, ms);
    this.wakeUp();
  }
}
