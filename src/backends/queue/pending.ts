/** The futures of a client that have no outcome yet, by their ids. */
import type { ToQueue } from '../../protocol/messages.js';
import type { TreeData } from '../../protocol/queue/job-data.js';
import type { Outgoing } from './job-writer.js';
import type { UnsettledFuture } from './reconciler.js';

/** A future that was submitted or attached here and has no outcome yet. */
export interface PendingFuture {
  /** Slots that wait for the outcome. If the future was also attached, there are several. */
  readonly slots: number[];
  /** Slot of the job itself. The other slots are attached to it. */
  readonly own: number | undefined;
  readonly name: string;
  /** True if the future is the first of the only tree in its job. Its job can then be removed. */
  isJob: boolean;
  /** True if the queue has the job. */
  isWritten: boolean;
  /** The id of the job, if it is known. */
  job: string | undefined;
  /**
   * Attempt of the task. Undefined for a future of another client, whose attempt does not matter.
   */
  readonly attempt: number | undefined;
  /** Future ids of all nodes of the tree. */
  readonly tree: readonly number[];
  readonly isAttached: boolean;
  /** Number of stream values that have arrived. */
  arrived: number;
  /** Credit that the reader has granted beyond the initial credit. */
  credit: number;
}

/**
 * Attempts of the futures whose connection was lost, by future id. The scheduler sends these
 * futures to the next session, although their jobs may still exist.
 */
export interface LostFutures {
  attempts: ReadonlyMap<number, number>;
}

export class PendingFutures extends Map<number, PendingFuture> {
  /** Registers the futures of a tree as pending. Returns the id of the root. */
  register({ slots, nodes }: Outgoing): number {
    const tree = nodes.map(({ id }) => id);
    for (const [i, { id, name, attempt }] of nodes.entries()) {
      const slot = slots[i]!;
      const known = this.get(id);
      if (known?.isAttached === false) known.slots.push(slot);
      // A client may attach to a future of its own before it sends the task: a task with a lower
      // priority is sent later.
      else this.set(id, newPending([...(known?.slots ?? []), slot], { own: slot, name, attempt, tree }));
    }
    return nodes[0]!.id;
  }

  /**
   * Attaches a slot to a future. Returns false for a future of this client, which receives the
   * messages about its own futures anyway.
   */
  attach({ slot, id }: ToQueue & { type: 'attach' }): boolean {
    const known = this.get(id);
    if (known === undefined) this.set(id, newPending([slot], undefined));
    else known.slots.push(slot);
    return known?.isAttached !== false;
  }

  /** Notes that the queue has the job of these futures. */
  noteWritten(ids: readonly number[], job: string | undefined): void {
    for (const id of ids) {
      const pending = this.get(id);
      if (pending === undefined) continue;
      pending.isWritten = true;
      pending.job = job;
    }
  }

  /** Returns undefined for a future that is not pending, or whose job was not added yet. */
  unsettled(id: number): UnsettledFuture | undefined {
    const pending = this.get(id);
    return pending?.isWritten === true ? { id, job: pending.job, isAttached: pending.isAttached } : undefined;
  }

  /** Returns false for a tree that was cancelled. */
  isWanted({ nodes }: TreeData): boolean {
    return nodes.some(({ id }) => this.has(id));
  }

  /** Called when a slot no longer waits for the outcome of its future. */
  drop(id: number, slot: number): void {
    const { slots } = this.get(id)!;
    slots.splice(slots.indexOf(slot), 1);
    if (slots.length === 0) this.delete(id);
  }
}

/** Returns a future without an outcome. `task` is undefined for the future of another client. */
function newPending(
  slots: number[],
  task: Pick<PendingFuture, 'own' | 'name' | 'attempt' | 'tree'> | undefined,
): PendingFuture {
  const { own, name = '', attempt, tree = [] } = task ?? {};
  const isAttached = task === undefined;
  return {
    slots,
    own,
    name,
    attempt,
    tree,
    isAttached,
    isJob: false,
    isWritten: false,
    job: undefined,
    arrived: 0,
    credit: 0,
  };
}
