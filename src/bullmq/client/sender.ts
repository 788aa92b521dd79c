/**
 * When plans are sent, and which of them share a job. A new client doesn't know yet what is quick. Were all that it has sent at once, it would
 * go out in as many jobs; so some are sent, and the rest follows when the first of them has ended, or is slow, or is not begun by anybody: in
 * 60 ms at the latest.
 */
import { clearTimeout, setTimeout } from '../../platform/time.js';
import type { TreeData } from '../wire/job-data.js';
import { type Batch, Batches } from './batches.js';

/** Plans that are sent to learn how long they take. */
const SCOUTS = 32;
/** ms after which one that runs is slow, and for which the others are kept where none runs. */
const SLOW = 10;
const LONGEST_HOLD = 50;

export interface QueuedTree {
  readonly tree: TreeData;
  readonly priority: number;
}

export interface SenderHost {
  send(batches: readonly Batch[]): void;
  /** False for a plan that was cancelled while it was kept. */
  isWanted(tree: TreeData): boolean;
}

export class Sender {
  readonly #host: SenderHost;
  readonly #batches = new Batches();
  #kept: QueuedTree[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** One was begun while others are kept. */
  #hasStarted = false;

  constructor(host: SenderHost) {
    this.#host = host;
  }

  add(trees: readonly QueuedTree[]): void {
    const ready: QueuedTree[] = [];
    let scouts = this.#kept.length === 0 ? SCOUTS : 0;
    for (const queued of trees) {
      const isKnown = this.#batches.knows(queued.tree);
      if (isKnown || scouts-- > 0) ready.push(queued);
      else this.#kept.push(queued);
    }
    if (this.#kept.length > 0) this.#timer ??= setTimeout(() => this.flush(), LONGEST_HOLD);
    this.#send(ready);
  }

  /** A task has begun: if it is quick, its end comes soon. */
  started(): void {
    if (this.#kept.length === 0 || this.#hasStarted) return;
    this.#hasStarted = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), SLOW);
  }

  /** A task of this name has run for so many ms. */
  observe(name: string, ms: number): void {
    this.#batches.observe(name, ms);
    const [first] = this.#kept;
    if (first !== undefined && this.#batches.knows(first.tree)) this.flush();
  }

  /** Sends what was kept. */
  flush(): void {
    this.close();
    const trees = this.#kept;
    this.#kept = [];
    this.#send(trees.filter(({ tree }) => this.#host.isWanted(tree)));
  }

  /** Sends nothing by itself any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#hasStarted = false;
  }

  #send(trees: readonly QueuedTree[]): void {
    if (trees.length > 0) this.#host.send(this.#batches.make(trees));
  }
}
