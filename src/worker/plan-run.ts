/** A plan of several legs: each is fed by an earlier one, so in the order of the cells every feeder comes first. */
import { afterLeg, type Cells } from '../protocol/messages.js';
import { unmarked } from '../protocol/transfer.js';
import { setImmediate } from '../time.js';
import { type Feed, type Legs, QUICK } from './legs.js';

export class PlanRun {
  readonly #cells: Cells;
  /** Of the root. */
  readonly #args: readonly unknown[];
  readonly #legs: Legs;
  /** Where each leg begins. */
  readonly #starts: number[] = [];
  readonly #values: unknown[] = [];
  readonly #failed = new Set<number>();
  /** Legs that feed others. */
  readonly #feeders = new Set<number>();
  #index = 0;

  constructor(cells: Cells, start: number, end: number, args: readonly unknown[], legs: Legs) {
    this.#cells = cells;
    this.#args = args;
    this.#legs = legs;
    for (let at = start; at < end; at = afterLeg(cells, at)) {
      this.#starts.push(at);
      this.#feeders.add(cells[at + 1]!);
    }
  }

  /** Runs legs as far as it goes without waiting; then a promise of the rest. `released` tells when held reports have left. */
  run(released: () => Promise<void>): Promise<void> | undefined {
    for (; this.#index < this.#starts.length; this.#index++) {
      if (this.#index > 0 && !this.#legs.clear(this.#cells, this.#starts[this.#index]!))
        return this.#after(released(), released);
      const began = this.#legs.now;
      const waiting = this.#leg();
      // While a leg took long, a message that cancels the next one may have come.
      if (waiting !== undefined || (this.#legs.isTold && this.#legs.now - began > QUICK)) {
        this.#index++;
        return this.#after(waiting, released);
      }
    }
    return undefined;
  }

  async #after(waiting: Promise<void> | undefined, released: () => Promise<void>): Promise<void> {
    await waiting;
    // A message that says that the next leg is cancelled may be here and not read yet.
    if (this.#legs.isTold) await new Promise<void>((resolve) => setImmediate(resolve));
    await this.run(released);
  }

  #leg(): Promise<void> | undefined {
    const index = this.#index;
    const at = this.#starts[index]!;
    const from = this.#cells[at + 1]!;
    const feed: Feed = {
      fulfilled: (value) => {
        this.#values[index] = unmarked(value);
        return this.#feeders.has(index);
      },
      failed: () => void this.#failed.add(index),
    };
    if (this.#failed.has(from)) {
      this.#legs.skip(this.#cells[at]!, feed);
      return undefined;
    }
    return this.#legs.run(this.#cells, at, from === -1 ? this.#args : [this.#values[from]], feed);
  }
}
