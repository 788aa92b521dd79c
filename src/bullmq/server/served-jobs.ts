/** The jobs that a machine has, by the futures in them, and the orders for those that it may get yet. */

import type { Engine } from '../../engine/engine.js';
import { exportStep } from '../../engine/handles/step.js';
import { clearInterval, performance, setInterval } from '../../platform/time.js';
import type { Step } from '../../scheduling/job.js';
import type { ToServer } from '../wire/messages.js';
import type { Concurrency } from './concurrency.js';
import type { Outbox } from './outbox.js';
import type { Before, Failed, ServedTree } from './served-tree.js';

/** ms for which an order is kept whose future is not here (yet), of how many futures, and how many of each. */
export const REMEMBERED = 3_600_000;
const MOST = 100_000;
const MOST_EACH = 100;
/** Names of exports that are remembered: a module has fewer, what jobs name may be anything. */
const NAMES = 10_000;

interface Early {
  readonly orders: ToServer[];
  readonly since: number;
}

export class ServedJobs {
  readonly #trees = new Map<number, ServedTree>();
  /** Oldest first. */
  readonly #early = new Map<number, Early>();
  readonly #steps = new Map<string, Step>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly engine: Engine,
    readonly outbox: Outbox,
    readonly concurrency: Concurrency,
    readonly maxPayload: number,
  ) {}

  step(name: string): Step {
    let step = this.#steps.get(name);
    if (step === undefined) {
      if (this.#steps.size >= NAMES) this.#steps.clear();
      step = exportStep(name);
      this.#steps.set(name, step);
    }
    return step;
  }

  run(tree: ServedTree, before: Before, ended: (failed: Failed | undefined) => void): void {
    const { nodes } = tree.data;
    for (const { id } of nodes) this.#trees.set(id, tree);
    tree.run(before, (failed) => {
      // A job that was lost may have come back here, and run in the place of this one.
      for (const { id } of nodes) if (this.#trees.get(id) === tree) this.#trees.delete(id);
      ended(failed);
    });
    for (const { id } of nodes) {
      // Told before the job was here: nothing of it has run yet, since it is sent at the end of this tick.
      for (const message of this.#early.get(id)?.orders ?? []) tree.follow(message);
      this.#early.delete(id);
    }
  }

  /** False where the future is not here. */
  follow(message: ToServer): boolean {
    const tree = this.#trees.get(message.id);
    if (tree !== undefined) tree.follow(message);
    else if (message.type !== 'credit') this.#remember(message);
    return tree !== undefined;
  }

  /** Clients that have asked for a future that is not here. */
  watchersOf(id: number): string[] {
    const orders = this.#early.get(id)?.orders ?? [];
    return orders.flatMap((message) => (message.type === 'watch' ? [message.client] : []));
  }

  /** Ends streams whose readers have gone: they would wait for them for ever. */
  watchReaders(interval: number, isAlive: (client: string) => Promise<boolean>): void {
    this.#timer = setInterval(() => {
      for (const tree of new Set(this.#trees.values())) {
        if (!tree.hasStream) continue;
        isAlive(tree.data.client).then(
          (alive) => alive || tree.abandonStreams(),
          () => {},
        );
      }
    }, interval).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #remember(message: ToServer): void {
    const now = performance.now();
    const early = this.#early.get(message.id);
    if (early === undefined) this.#early.set(message.id, { orders: [message], since: now });
    else if (early.orders.length < MOST_EACH) early.orders.push(message);
    for (const [id, { since }] of this.#early) {
      if (this.#early.size <= MOST && now - since < REMEMBERED) break;
      this.#early.delete(id);
    }
  }
}
