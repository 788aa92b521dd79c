/** Adds jobs to the queue, and finds out which jobs the queue has if it did not confirm them. */
import { jobOf } from '../../protocol/queue/job-id.js';
import type { Batch, ClientConnection, JobState } from '../../protocol/queue/transport.js';
import type { PendingFutures } from './pending.js';
import type { Reports } from './reports.js';
import type { QueuedTree } from './sender.js';

export interface EnqueuerHost {
  readonly pending: PendingFutures;
  readonly reports: Reports;
  /** True if the session has ended. */
  hasEnded(): boolean;
}

/** A job that was sent, and the ids of its futures. */
interface Sent {
  readonly job: string;
  readonly ids: readonly number[];
}

export class Enqueuer {
  readonly #connection: ClientConnection;
  readonly #host: EnqueuerHost;

  constructor(connection: ClientConnection, host: EnqueuerHost) {
    this.#connection = connection;
    this.#host = host;
  }

  add(batches: readonly Batch[]): Promise<void> {
    const { pending } = this.#host;
    for (const { trees } of batches) {
      const root = pending.get(trees[0]!.nodes[0]!.id);
      if (root !== undefined && trees.length === 1) root.isJob = true;
    }
    const jobs = batches.map(({ trees }) => ({ job: jobOf(trees), ids: trees.flatMap((tree) => idsOf({ tree })) }));
    return this.#connection.add(batches).then(
      () => {
        for (const { ids, job } of jobs) pending.noteWritten(ids, job);
      },
      (error) => this.#afterRefusal(jobs, error),
    );
  }

  /** Rejects the futures of the jobs that were not added. Part of a bulk may have been added. */
  async #afterRefusal(jobs: readonly Sent[], error: unknown): Promise<void> {
    if (this.#host.hasEnded()) return;
    const firsts = jobs.map(({ job, ids }) => ({ id: ids[0]!, job }));
    // If a single job was refused, it was not added.
    const states = jobs.length === 1 ? undefined : await this.#connection.jobs(firsts).catch(() => undefined);
    for (const { ids, job } of jobs) {
      const found = states?.get(ids[0]!);
      if (found !== undefined && found.state !== 'missing') this.#host.pending.noteWritten(ids, job);
      else this.#refuse(ids, error);
    }
  }

  /**
   * Looks for the jobs of trees that were sent on a lost connection. Returns the futures of the
   * trees whose jobs exist, and the trees that must be sent again.
   */
  async find(queued: readonly QueuedTree[]): Promise<{ there: number[]; missing: QueuedTree[] }> {
    let states: Map<number, JobState>;
    try {
      states = await this.#connection.jobs(queued.map(({ tree }) => ({ id: tree.nodes[0]!.id, job: undefined })));
    } catch (error) {
      this.#refuse(queued.flatMap(idsOf), error);
      return { there: [], missing: [] };
    }
    const there: number[] = [];
    const missing: QueuedTree[] = [];
    for (const each of queued) {
      const { state, job } = states.get(each.tree.nodes[0]!.id)!;
      if (state === 'missing') missing.push(each);
      else {
        this.#host.pending.noteWritten(idsOf(each), job);
        there.push(...idsOf(each));
      }
    }
    return { there, missing };
  }

  #refuse(ids: readonly number[], error: unknown): void {
    for (const id of ids) this.#host.reports.refuse(id, this.#connection.refusal(error));
  }
}

function idsOf({ tree }: Pick<QueuedTree, 'tree'>): number[] {
  return tree.nodes.map(({ id }) => id);
}
