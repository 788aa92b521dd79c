/**
 * Pulls items from a source while there is room for them. `map` reads its inputs in this way, and
 * `asCompleted` its futures.
 */
import { type Context, call, here } from '#platform/context';
import { Deque } from './deque.js';

/** A source of items. One that can't be paused pushes its items, and ignores `pull`. */
export interface PullSource {
  /** Starts a source that pushes. It may push items before the call returns. */
  start(): void;
  /** Asks for the next item, which may arrive before the call returns. */
  pull(): void;
  /** Called once, when no more items are wanted. */
  leave(): void;
}

export interface PullReader<T> {
  /** Returns whether one more item can be accepted now. */
  hasRoom(): boolean;
  accept(item: T): void;
}

/**
 * Reads one source for one reader. The owner calls `push` or `acceptNow` for each item that
 * arrives, and `ended` at the end of the source.
 *
 * The source is code of the user. The source and `accept` run in the async context in which this
 * object was created.
 */
export class BoundedPull<T> {
  readonly #reader: PullReader<T>;
  readonly #context: Context = here();
  /** Items that have arrived, and wait until there is room for them. */
  readonly #backlog = new Deque<T>();
  #source: PullSource | undefined;
  #isFilling = false;
  #awaitsItem = false;
  #hasEnded = false;

  constructor(reader: PullReader<T>) {
    this.#reader = reader;
  }

  /** True while {@link fill} runs. */
  get isFilling(): boolean {
    return this.#isFilling;
  }

  /** True if the source has ended or was left, and the reader has accepted every item. */
  get isDone(): boolean {
    return this.#hasEnded && this.#backlog.size === 0;
  }

  /** Starts the source. If `leave` was called before, leaves the source instead. */
  open(source: PullSource): void {
    this.#source = source;
    if (this.#hasEnded) this.#leaveSource();
    else source.start();
  }

  /**
   * Accepts items while there is room, first those that wait. Items that arrive synchronously are
   * handled in a loop, because recursion would be as deep as the source is long. A call during
   * another call does nothing.
   */
  fill(): void {
    if (this.#isFilling || this.#source === undefined) return;
    this.#isFilling = true;
    call(this.#context, this.#fill, this, this.#source);
    this.#isFilling = false;
  }

  #fill(source: PullSource): void {
    while (this.#reader.hasRoom()) {
      if (this.#backlog.size > 0) {
        this.#reader.accept(this.#backlog.shift() as T);
      } else {
        if (this.#hasEnded || this.#awaitsItem) return;
        this.#awaitsItem = true;
        source.pull();
      }
    }
  }

  /**
   * Adds an item that has arrived. The next `fill` passes it on when there is room. Even if there
   * is room now, the item waits behind those that arrived before it.
   */
  push(item: T): void {
    this.#awaitsItem = false;
    this.#backlog.push(item);
  }

  /** Accepts an item that has arrived, whether or not there is room for it. */
  acceptNow(item: T): void {
    this.#awaitsItem = false;
    this.#reader.accept(item);
  }

  /** Records that the source has ended. Items that wait are still accepted. */
  ended(): void {
    this.#hasEnded = true;
  }

  /** Drops the items that wait. Leaves the source, unless it has ended. */
  leave(): void {
    this.#backlog.clear();
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#leaveSource();
  }

  #leaveSource(): void {
    const source = this.#source;
    if (source !== undefined) call(this.#context, source.leave, source, undefined);
  }
}
