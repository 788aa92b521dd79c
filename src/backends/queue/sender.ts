/**
 * Decides when job trees are sent, and which of them share a job.
 *
 * A new client has no run times yet and can't know which trees are short enough to share a job. It
 * sends 32 trees (`SCOUTS`) and holds the rest. It sends the rest in the first of these cases:
 *
 *   - It knows the run times of the first held tree's tasks.
 *   - One of the 32 has run for 10 ms.
 *   - None has started within 50 ms. Trees are thus held for 60 ms at most.
 */
import { clearTimeout, setTimeout } from '#platform/time';
import type { TreeData } from '../../protocol/queue/job-data.js';
import type { Batch } from '../../protocol/queue/transport.js';
import { Batches } from './batches.js';

/** Number of trees that are sent alone to measure their run times. */
const SCOUTS = 32;
/** Time in ms after which a running scout counts as slow. */
const SLOW_AFTER = 10;
/** Maximum time in ms for which trees are held if no scout starts. */
const MAX_HOLD = 50;

export interface QueuedTree {
  readonly tree: TreeData;
  readonly priority: number;
}

export interface SenderHost {
  send(batches: readonly Batch[]): void;
  /** Returns false for a tree that was cancelled while it was held. */
  isWanted(tree: TreeData): boolean;
}

export class Sender {
  readonly #host: SenderHost;
  readonly #batches = new Batches();
  #held: QueuedTree[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** True if a scout has started while other trees are held. */
  #hasStarted = false;

  constructor(host: SenderHost) {
    this.#host = host;
  }

  add(trees: readonly QueuedTree[]): void {
    const ready: QueuedTree[] = [];
    let scouts = this.#held.length === 0 ? SCOUTS : 0;
    for (const queued of trees) {
      const isKnown = this.#batches.knows(queued.tree);
      if (isKnown || scouts-- > 0) ready.push(queued);
      else this.#held.push(queued);
    }
    if (this.#held.length > 0) this.#timer ??= setTimeout(() => this.flush(), MAX_HOLD);
    this.#send(ready);
  }

  /** Called when a task has started. If it is quick, its outcome follows soon. */
  started(): void {
    if (this.#held.length === 0 || this.#hasStarted) return;
    this.#hasStarted = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), SLOW_AFTER);
  }

  /** Called with the run time of a task in ms. */
  observe(name: string, ms: number): void {
    this.#batches.observe(name, ms);
    const [first] = this.#held;
    if (first !== undefined && this.#batches.knows(first.tree)) this.flush();
  }

  flush(): void {
    this.close();
    const trees = this.#held;
    this.#held = [];
    this.#send(trees.filter(({ tree }) => this.#host.isWanted(tree)));
  }

  /** Stops the timer, so that held trees are sent only by `flush`. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#hasStarted = false;
  }

  #send(trees: readonly QueuedTree[]): void {
    if (trees.length > 0) this.#host.send(this.#batches.make(trees));
  }
}
