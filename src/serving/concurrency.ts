/**
 * Number of jobs that a server processes at a time: one for each concurrency slot of its threads. A
 * stream that waits for its reader releases its concurrency slot for another job, because the
 * reader may be waiting for just that job. Otherwise stream and reader would wait for each other.
 */

import { clearTimeout, setTimeout } from '#platform/time';
import type { JobIntake } from '../protocol/queue/transport.js';
import { Credits } from '../util/credits.js';

/**
 * Time in ms that a stream waits before it releases its concurrency slot. Most readers return
 * sooner, and each further job costs a request to the queue.
 */
const STREAM_GRACE = 10;

export class Concurrency {
  readonly #count: number;
  /** Credit of each stream, by future id. */
  readonly #credits = new Credits();
  #intake: JobIntake | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  open(intake: JobIntake): void {
    this.#intake = intake;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#intake = undefined;
  }

  /** Called when a stream starts. */
  opened(id: number, credit: number): void {
    this.#credits.open(id, credit);
  }

  /** `creditLeft` is the credit that the stream knows of, if it waits because of bytes. */
  emitted(id: number, count: number, creditLeft?: number): void {
    if (this.#credits.spend(id, count, creditLeft)) this.#timer ??= setTimeout(() => this.#raise(), STREAM_GRACE);
  }

  granted(id: number, count: number): void {
    this.#credits.grant(id, count);
    this.#lower();
  }

  ended(id: number): void {
    this.#credits.close(id);
    this.#lower();
  }

  get #wanted(): number {
    return this.#count + this.#credits.paused;
  }

  #raise(): void {
    this.#timer = undefined;
    const intake = this.#intake;
    if (intake === undefined || intake.concurrency >= this.#wanted) return;
    intake.concurrency = this.#wanted;
    intake.fill();
  }

  /** Lowers the concurrency. Jobs that were fetched stay, and wait for a thread. */
  #lower(): void {
    const intake = this.#intake;
    if (intake !== undefined && intake.concurrency > this.#wanted) intake.concurrency = this.#wanted;
  }
}
