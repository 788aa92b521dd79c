/** The jobs that a machine has, by the futures in them, and the orders for those that it may get yet. */

import type { Step } from '../scheduling/job.js';
import type { Engine } from '../task/engine.js';
import { exportStep } from '../task/step.js';
import { clearInterval, performance, setInterval } from '../time.js';
import type { Outbox } from './outbox.js';
import type { Places } from './places.js';
import type { Before, Failed, ServedPlan } from './served-plan.js';
import type { Order } from './words.js';

/** ms for which an order is kept whose future is not here (yet), of how many futures, and how many of each. */
export const REMEMBERED = 3_600_000;
const MOST = 100_000;
const MOST_EACH = 100;
/** Names of exports that are remembered: a module has fewer, what jobs name may be anything. */
const NAMES = 10_000;

interface Early {
  readonly orders: Order[];
  readonly since: number;
}

export class Machine {
  readonly #plans = new Map<number, ServedPlan>();
  /** Oldest first. */
  readonly #early = new Map<number, Early>();
  readonly #steps = new Map<string, Step>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly engine: Engine,
    readonly outbox: Outbox,
    readonly places: Places,
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

  run(plan: ServedPlan, before: Before, ended: (failed: Failed | undefined) => void): void {
    const { legs } = plan.data;
    for (const { id } of legs) this.#plans.set(id, plan);
    plan.run(before, (failed) => {
      // A job that was lost may have come back here, and run in the place of this one.
      for (const { id } of legs) if (this.#plans.get(id) === plan) this.#plans.delete(id);
      ended(failed);
    });
    for (const { id } of legs) {
      // Told before the job was here: nothing of it has run yet, since it is sent at the end of this tick.
      for (const order of this.#early.get(id)?.orders ?? []) plan.follow(order);
      this.#early.delete(id);
    }
  }

  /** False where the future is not here. */
  follow(order: Order): boolean {
    const plan = this.#plans.get(order.id);
    if (plan !== undefined) plan.follow(order);
    else if (order.type !== 'credit') this.#remember(order);
    return plan !== undefined;
  }

  /** Clients that have asked for a future that is not here. */
  watchersOf(id: number): string[] {
    const orders = this.#early.get(id)?.orders ?? [];
    return orders.flatMap((order) => (order.type === 'watch' ? [order.client] : []));
  }

  /** Ends streams whose readers have gone: they would wait for them for ever. */
  watchReaders(interval: number, isAlive: (client: string) => Promise<boolean>): void {
    this.#timer = setInterval(() => {
      for (const plan of new Set(this.#plans.values())) {
        if (!plan.hasStream) continue;
        isAlive(plan.data.client).then(
          (alive) => alive || plan.abandonStreams(),
          () => {},
        );
      }
    }, interval).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #remember(order: Order): void {
    const now = performance.now();
    const early = this.#early.get(order.id);
    if (early === undefined) this.#early.set(order.id, { orders: [order], since: now });
    else if (early.orders.length < MOST_EACH) early.orders.push(order);
    for (const [id, { since }] of this.#early) {
      if (this.#early.size <= MOST && now - since < REMEMBERED) break;
      this.#early.delete(id);
    }
  }
}
