/**
 * Decides which job trees share a job.
 *
 * BullMQ needs about 0.2 ms of Redis, client and server for each job, whatever the job contains
 * (docs/decisions/0040). Most small tasks take less. Trees that are known to be quick therefore
 * share a job, up to 10 ms of work. A slow or unknown tree gets a job of its own, so that any
 * server with a free concurrency slot can run the tree.
 *
 * The price: one server claims the whole job. Jobs are kept short for that reason. If the server is
 * lost, the trees of the job that had not started run on another server (serving/job-starts.ts).
 */
import { argsLength } from '../../protocol/queue/job-args.js';
import type { NodeData, TreeData } from '../../protocol/queue/job-data.js';
import type { Batch } from '../../protocol/queue/transport.js';
import { updatedPace } from '../../util/pace.js';

/** Maximum expected run time, in ms, of the trees that share a job. */
const MAX_BATCH_MS = 10;
/** Maximum number of trees in a shared job. */
const MAX_TREES = 64;
/** Maximum length, in characters, of the arguments of all trees in a shared job. */
const MAX_ARGS_LENGTH = 64 * 1024;

interface GrowingBatch extends Batch {
  readonly trees: TreeData[];
}

export class Batches {
  /** Average run time in ms, by the name of the task. */
  readonly #runTimes = new Map<string, number>();

  /** True if the run time of each node of the tree is known. */
  knows({ nodes }: TreeData): boolean {
    return nodes.every(({ name, credit }) => credit !== undefined || this.#runTimes.has(name));
  }

  observe(name: string, ms: number): void {
    this.#runTimes.set(name, updatedPace(this.#runTimes.get(name), ms));
  }

  /** Groups the trees into jobs, and keeps their order. */
  make(trees: readonly { readonly tree: TreeData; readonly priority: number }[]): Batch[] {
    const batches: GrowingBatch[] = [];
    let last: GrowingBatch | undefined;
    let time = 0;
    let size = 0;
    for (const { tree, priority } of trees) {
      const ms = this.#timeOf(tree.nodes);
      time += ms;
      const length = argsLength(tree);
      size += length;
      const fits =
        last?.priority === priority && last.trees.length < MAX_TREES && time <= MAX_BATCH_MS && size <= MAX_ARGS_LENGTH;
      if (last !== undefined && fits) {
        last.trees.push(tree);
        continue;
      }
      last = { priority, trees: [tree] };
      batches.push(last);
      time = ms;
      size = length;
    }
    return batches;
  }

  #timeOf(nodes: readonly NodeData[]): number {
    let time = 0;
    // A stream lasts as long as its reader reads, so its expected run time counts as the maximum.
    for (const { name, credit } of nodes)
      time += credit === undefined ? (this.#runTimes.get(name) ?? MAX_BATCH_MS) : MAX_BATCH_MS;
    return time;
  }
}
