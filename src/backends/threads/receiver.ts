/**
 * Decides how a worker thread waits for work: by busy polling, blocked, or asleep in its event
 * loop.
 *
 * Falling asleep and being woken costs more than most small tasks (docs/decisions/0050). So an idle
 * thread waits in three ways, one after the other. Each costs less than the one before, and notices
 * work later:
 *
 *   1. If the last pause was short, the thread polls its ring and the counter of its port.
 *   2. It blocks once, for 5 ms at most. So a timer or a socket that a task has left behind may be
 *      late once, by half a time slice.
 *   3. It sleeps in its event loop. An idle worker uses no processor time there.
 *
 * A thread whose tasks wait for something sleeps at once, because its event loop must run.
 */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { performance, queueMicrotask, setImmediate } from '#platform/time';
import { isDeno } from '#platform/which-runtime';
import { Patience } from '../../protocol/mailbox/patience.js';
import { type Letters, type RingReader, WAKE } from '../../protocol/mailbox/ring.js';
import { TIME_SLICE_MS } from '../../protocol/time-slice.js';

/**
 * Time in ms for which the thread polls. In that time the main thread can wake and submit the next
 * task.
 */
const BUSY_POLL_MS = 0.1;
/** Number of times that the ring is read before the clock is read again. */
const READS_PER_CLOCK_READING = 32;
/**
 * Time in ms for which the thread blocks after its last work. It covers the pauses between the
 * requests of a busy server. To block five times for 1 ms instead costs 130 us more processor time
 * in each pause of 3 ms.
 */
const BLOCK_MS = TIME_SLICE_MS / 2;

export interface ReceiverListener<T> {
  receive(message: T): void;
  /** Returns letters as a message. */
  messageOf(letters: Letters): T;
  /** Called when a message has arrived that can't be read. */
  unreadable(cause: unknown): void;
  /**
   * True if nothing is queued or running, and no work waits for the next turn of the event loop.
   */
  readonly isIdle: boolean;
}

export class Receiver<T> {
  readonly #port: MessagePort;
  readonly #ring: RingReader;
  readonly #listener: ReceiverListener<T>;
  /** Start and end of the last work, and duration of the pause before it, in ms. */
  #startedAt = 0;
  #doneAt = Number.NEGATIVE_INFINITY;
  #pause = Number.POSITIVE_INFINITY;
  /** Start of the current streak of work without a turn of the event loop. */
  #streakStart = 0;
  /** True if the thread has not blocked since the last work. */
  #mayBlock = false;
  readonly #patience = new Patience();
  #isWaiting = false;
  /** A message that was received for {@link Receiver.next} and follows the letters before it. */
  #held: T | undefined;
  /**
   * False on Deno. A message may be on its way to the listener of the port there, while
   * receiveMessageOnPort() already returns the message after it. In a trial of 20,000 messages, 51
   * were out of order (Deno 2.9). So each message is received in a turn there.
   */
  readonly #receivesAtOnce: boolean;

  constructor(port: MessagePort, ring: RingReader, listener: ReceiverListener<T>, receivesAtOnce = !isDeno) {
    this.#port = port;
    this.#ring = ring;
    this.#listener = listener;
    this.#receivesAtOnce = receivesAtOnce;
    port.on('messageerror', (cause) => listener.unreadable(cause));
    const received = (message: T | typeof WAKE) => {
      ring.wakeUp();
      this.#streakStart = performance.now();
      this.#pause = this.#streakStart - this.#doneAt;
      this.#handle(message);
    };
    // A thread of Deno that runs out of memory inside a listener of messages never ends (Deno
    // 2.9). In a tick it ends with an error, as on Node.
    port.on('message', receivesAtOnce ? received : (message) => process.nextTick(received, message));
  }

  /** Handles all letters and then the message. All letters were written before the message. */
  #handle(message: T | typeof WAKE): void {
    this.#startedAt = performance.now();
    try {
      this.#readLetters();
      if (message === WAKE) return;
      this.#ring.received();
      this.#listener.receive(message);
    } finally {
      this.#mayBlock = true;
      this.#waitLater();
    }
  }

  #readLetters(): void {
    const letters = this.#ring.read();
    if (letters !== undefined) this.#listener.receive(this.#listener.messageOf(letters));
  }

  /**
   * Returns the next message or letters, without a turn of the event loop. Returns undefined if
   * there is none. The caller must call it until it returns undefined or a message of the port.
   */
  next(): T | undefined {
    // The message is received before the letters are read, as in `#continue`. Otherwise a letter
    // that was written between the two steps would follow the message.
    this.#held ??= this.#receiveFromPort();
    const letters = this.#ring.read();
    if (letters !== undefined) return this.#listener.messageOf(letters);
    const held = this.#held;
    if (held !== undefined) this.#ring.received();
    this.#held = undefined;
    return held;
  }

  #receiveFromPort(): T | undefined {
    if (!this.#receivesAtOnce) return undefined;
    try {
      let next: { readonly message: T | typeof WAKE } | undefined;
      do next = receiveMessageOnPort(this.#port);
      while (next !== undefined && next.message === WAKE);
      return next?.message ?? undefined;
    } catch (cause) {
      this.#listener.unreadable(cause);
      return undefined;
    }
  }

  /**
   * Starts to wait when the promises of the last work have run. A microtask requests a tick for
   * that, because ticks run after the microtasks of all promises.
   */
  #waitLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#isWaiting = false;
        this.#doneAt = performance.now();
        this.#wait();
      }),
    );
  }

  readonly #waitInTurn = (): void => {
    this.#streakStart = performance.now();
    this.#wait();
  };

  #wait(): void {
    if (!this.#listener.isIdle || (!this.#receivesAtOnce && this.#ring.hasMessages)) this.#sleep();
    else if (this.#doneAt - this.#streakStart > TIME_SLICE_MS) setImmediate(this.#waitInTurn);
    else if (this.#mayPoll && this.#poll()) {
      this.#pause = performance.now() - this.#doneAt;
      this.#continue();
    } else if (this.#mayBlock) this.#block();
    else this.#sleep();
  }

  #block(): void {
    this.#mayBlock = false;
    this.#ring.block(BLOCK_MS);
    if (!this.#hasWork) {
      setImmediate(this.#waitInTurn);
      return;
    }
    // The pause excludes the time that this thread needed to wake up. With that time, the pause
    // would count as too long for polling, and polling is what avoids the wake-up.
    this.#pause = this.#ring.wokenAt - performance.timeOrigin - this.#doneAt;
    this.#continue();
  }

  /**
   * After longer work the main thread is asleep. It needs some 50 us to wake up, and polling for so
   * long would cost more processor time than it saves.
   */
  get #mayPoll(): boolean {
    const work = this.#doneAt - this.#startedAt;
    return this.#mayBlock && this.#pause <= BUSY_POLL_MS && work <= BUSY_POLL_MS && this.#patience.isWorthTrying();
  }

  get #hasWork(): boolean {
    return this.#ring.hasLetters || (this.#receivesAtOnce && this.#ring.hasMessages);
  }

  #poll(): boolean {
    const until = this.#doneAt + BUSY_POLL_MS;
    do {
      for (let i = 0; i < READS_PER_CLOCK_READING; i++) {
        if (!this.#hasWork) continue;
        this.#patience.succeeded();
        return true;
      }
    } while (performance.now() < until);
    this.#patience.failed();
    return false;
  }

  #continue(): void {
    let next: { readonly message: T | typeof WAKE } | undefined;
    try {
      if (this.#receivesAtOnce && this.#ring.hasMessages) next = receiveMessageOnPort(this.#port);
    } catch (cause) {
      this.#listener.unreadable(cause);
      return;
    }
    this.#handle(next === undefined ? WAKE : next.message);
  }

  #sleep(): void {
    if (!this.#ring.sleep()) this.#handle(WAKE);
  }
}
