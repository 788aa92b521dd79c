/**
 * Finds the running jobs of a server by the ids of their futures. Keeps orders for jobs that the
 * server may receive later.
 */

import { clearInterval, performance, setInterval } from '#platform/time';
import type { Engine } from '../engine/engine.js';
import { ServedTasks } from '../engine/served-tasks.js';
import type { ToServer } from '../protocol/queue/messages.js';
import type { Concurrency } from './concurrency.js';
import type { Outbox } from './outbox.js';
import type { Failed } from './served-outcome.js';
import type { PreviousRuns, ServedTree } from './served-tree.js';

/** Time in ms for which orders are kept for a future that is not here yet. */
export const ORDER_TTL = 3_600_000;
/** Maximum number of futures for which orders are kept, and of orders for each. */
const MAX_FUTURES = 100_000;
const MAX_ORDERS_PER_FUTURE = 100;

interface EarlyOrders {
  readonly orders: ToServer[];
  readonly since: number;
}

export class ServedJobs {
  readonly tasks: ServedTasks;
  readonly #trees = new Map<number, ServedTree>();
  /** Orders that arrived before the job of their future, by future id. The oldest is the first. */
  readonly #early = new Map<number, EarlyOrders>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    engine: Engine,
    readonly outbox: Outbox,
    readonly concurrency: Concurrency,
    readonly maxPayload: number,
  ) {
    this.tasks = new ServedTasks(engine);
  }

  run(tree: ServedTree, before: PreviousRuns, ended: (failures: readonly Failed[]) => void): void {
    const { nodes } = tree.data;
    for (const { id } of nodes) this.#trees.set(id, tree);
    tree.run(before, (failures) => {
      // A lost job can return to this server. The entry then belongs to its second run, and must
      // stay.
      for (const { id } of nodes) if (this.#trees.get(id) === tree) this.#trees.delete(id);
      ended(failures);
    });
    for (const { id } of nodes) {
      // Handles the orders that arrived before the job. None of its tasks has run yet, because they
      // are sent at the end of this tick.
      for (const message of this.#early.get(id)?.orders ?? []) tree.handle(message);
      this.#early.delete(id);
    }
  }

  /** Returns false if this server does not run the future. */
  handle(message: ToServer): boolean {
    const tree = this.#trees.get(message.id);
    if (tree !== undefined) tree.handle(message);
    else if (message.type !== 'credit') this.#remember(message);
    return tree !== undefined;
  }

  /** Returns the clients that asked for a future that is not here. */
  watchersOf(id: number): string[] {
    const orders = this.#early.get(id)?.orders ?? [];
    return orders.flatMap((message) => (message.type === 'watch' ? [message.client] : []));
  }

  /** Cancels streams whose clients are gone. They would wait for credit forever. */
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
    else if (early.orders.length < MAX_ORDERS_PER_FUTURE) early.orders.push(message);
    for (const [id, { since }] of this.#early) {
      if (this.#early.size <= MAX_FUTURES && now - since < ORDER_TTL) break;
      this.#early.delete(id);
    }
  }
}
