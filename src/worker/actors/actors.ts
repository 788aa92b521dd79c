/**
 * The actors on this worker, and the order of their job trees. Each actor runs its trees in the
 * order of their arrival, at most `concurrency` at the same time. Trees of different actors don't
 * wait for each other, nor for tasks.
 */
import { argcOf, isOfActor, nextTree } from '../../protocol/job-layout.js';
import type { Cells, FunctionDefinition, JobBatch } from '../../protocol/messages.js';
import { encodeError, type WireError } from '../../protocol/wire-error.js';
import { Actor, type ActorTree } from './actor.js';
import { classNameOf, dispose } from './actor-functions.js';

/** Maximum number of trees of one actor that run before those of the next actor. */
const MAX_IN_A_ROW = 16;

export class Actors {
  /**
   * False until a constructor has arrived, so that programs without actors don't search batches.
   */
  #areUsed = false;
  readonly #byId = new Map<number, Actor>();
  /** Trees that may start now. They count as running. */
  readonly #ready: ActorTree[] = [];
  /** A tree that starts before those of `#ready`, because its actor has just run another tree. */
  #again: ActorTree | undefined;
  /** Number of trees that started as `#again` since a tree of `#ready` was started. */
  #inARow = 0;
  #running = 0;

  /** True if a tree may start now. */
  get hasReady(): boolean {
    return this.#again !== undefined || this.#ready.length > 0;
  }

  /** The tree that starts next. */
  get first(): ActorTree {
    return this.#again ?? this.#ready[0]!;
  }

  /** True if no tree has started or may start. */
  get isIdle(): boolean {
    return this.#running === 0;
  }

  /**
   * Called when functions have arrived. The first constructor arrives before all trees of actors.
   */
  defined(functions: readonly FunctionDefinition[]): void {
    this.#areUsed ||= functions.some(({ kind }) => kind === 'construct');
  }

  /**
   * Takes the trees of actors out of a batch. Returns a batch of the other trees; undefined if
   * there are none.
   */
  takeFrom(batch: JobBatch): JobBatch | undefined {
    const { cells, args } = batch;
    if (!this.#areUsed || !hasTreeOfActor(cells)) return batch;
    const others = { cells: [] as number[], args: [] as unknown[] };
    let argument = 0;
    for (let start = 0; start < cells.length; ) {
      const end = nextTree(cells, start);
      const first = argument;
      argument += argcOf(cells, start);
      if (isOfActor(cells, start)) {
        this.#add(cells, start, end, args[first] as number, args.slice(first + 1, argument));
      } else {
        others.cells.push(...cells.slice(start, end));
        others.args.push(...args.slice(first, argument));
      }
      start = end;
    }
    return others.cells.length > 0 ? others : undefined;
  }

  /** Takes the tree that starts next. */
  take(): ActorTree {
    const again = this.#again;
    this.#again = undefined;
    if (again !== undefined) return again;
    this.#inARow = 0;
    return this.#ready.shift()!;
  }

  /** Called when a tree of an actor has ended. */
  ended(actor: Actor): void {
    actor.running--;
    this.#running--;
    const next = actor.waiting.shift();
    if (next !== undefined) this.#release(next, true);
    // There is no object: the constructor has thrown or was revoked, or the actor has ended.
    else if (actor.running === 0 && actor.object === undefined) this.#byId.delete(actor.id);
  }

  /** Disposes of all objects, because the worker ends. `failed` receives an error and its class. */
  async disposeAll(failed: (error: WireError, className: string) => void): Promise<void> {
    const actors = [...this.#byId.values()].reverse();
    await Promise.all(
      actors.map((actor) => {
        const name = classNameOf(actor.object);
        return dispose.call(actor).catch((error) => failed(encodeError(error), name));
      }),
    );
  }

  #add(cells: Cells, start: number, end: number, id: number, args: readonly unknown[]): void {
    const actor = this.#actor(id);
    const tree = { cells, start, end, args, actor };
    if (actor.running < actor.concurrency) this.#release(tree);
    else actor.waiting.push(tree);
  }

  #actor(id: number): Actor {
    let actor = this.#byId.get(id);
    if (actor === undefined) {
      actor = new Actor(id, this.#byId);
      this.#byId.set(id, actor);
    }
    return actor;
  }

  #release(tree: ActorTree, isNext = false): void {
    tree.actor.running++;
    this.#running++;
    if (isNext && this.#again === undefined && ++this.#inARow < MAX_IN_A_ROW) this.#again = tree;
    else this.#ready.push(tree);
  }
}

function hasTreeOfActor(cells: Cells): boolean {
  for (let at = 0; at < cells.length; at = nextTree(cells, at)) if (isOfActor(cells, at)) return true;
  return false;
}
