/**
 * Keeps job trees of one key apart: a tree waits until the tree before it has ended. Trees without
 * a key do not come here.
 */
import type { Key } from '../protocol/job-layout.js';
import type { Cells } from '../protocol/messages.js';

/** A job tree that has arrived and waits for another one of its key. */
export interface WaitingTree {
  readonly cells: Cells;
  readonly start: number;
  readonly end: number;
  readonly args: readonly unknown[];
  readonly key: Key;
}

export class KeyedTrees {
  /** Keys with a running tree, and the trees that wait for its end, in the order of arrival. */
  readonly #waiting = new Map<Key, WaitingTree[]>();
  /** Trees that waited and may start now. Their keys count as running. */
  readonly #free: WaitingTree[] = [];

  /** The tree that has waited and may start next. */
  get nextFree(): WaitingTree | undefined {
    return this.#free[0];
  }

  takeFree(): WaitingTree {
    return this.#free.shift()!;
  }

  isRunning(key: Key): boolean {
    return this.#waiting.size > 0 && this.#waiting.has(key);
  }

  /** Keeps a tree whose key is running. */
  hold(tree: WaitingTree): void {
    this.#waiting.get(tree.key)!.push(tree);
  }

  /** Called when a tree has started and has not ended. */
  started(key: Key): void {
    if (!this.#waiting.has(key)) this.#waiting.set(key, []);
  }

  /** Called when the running tree of a key has ended. */
  ended(key: Key): void {
    const next = this.#waiting.get(key)!.shift();
    if (next === undefined) this.#waiting.delete(key);
    else this.#free.push(next);
  }
}
