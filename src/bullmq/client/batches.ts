/**
 * Which plans share a job. BullMQ needs some 0.2 ms of Redis and of both sides for a job, whatever is in it: more than most small tasks take. So
 * plans that are known for quick go together, some ms of work at a time; what is slow, or not known yet, goes alone, so that any machine with a
 * free place can have it.
 *
 * What it costs: a job is taken as a whole by one machine. That is why it is kept this short. Of a lost one the rest goes on elsewhere (begins.ts).
 */
import type { NodeData, TreeData } from '../wire/job-data.js';

/** ms of work in a job of several plans. */
const LONGEST = 10;
const MOST = 64;
/** Characters of arguments in one. */
const LARGEST = 64 * 1024;
/** Weight of the newest run in the average, where it is slower. Faster counts at once: what took long may have waited for a processor. */
const NEWEST = 0.25;

export interface Batch {
  readonly priority: number;
  readonly trees: TreeData[];
}

export class Batches {
  /** ms, by the name of the task. */
  readonly #pace = new Map<string, number>();

  /** Every leg of it has run before. */
  knows({ nodes }: TreeData): boolean {
    return nodes.every(({ name, credit }) => credit !== undefined || this.#pace.has(name));
  }

  observe(name: string, ms: number): void {
    const known = this.#pace.get(name);
    this.#pace.set(name, known === undefined || ms < known ? ms : known + NEWEST * (ms - known));
  }

  /** In the order in which they came. */
  make(trees: readonly { readonly tree: TreeData; readonly priority: number }[]): Batch[] {
    const batches: Batch[] = [];
    let last: Batch | undefined;
    let time = 0;
    let size = 0;
    for (const { tree, priority } of trees) {
      const ms = this.#timeOf(tree.nodes);
      time += ms;
      size += tree.args.length;
      const fits = last?.priority === priority && last.trees.length < MOST && time <= LONGEST && size <= LARGEST;
      if (last !== undefined && fits) {
        last.trees.push(tree);
        continue;
      }
      last = { priority, trees: [tree] };
      batches.push(last);
      time = ms;
      size = tree.args.length;
    }
    return batches;
  }

  #timeOf(nodes: readonly NodeData[]): number {
    let time = 0;
    // A stream takes as long as its reader.
    for (const { name, credit } of nodes) time += credit === undefined ? (this.#pace.get(name) ?? LONGEST) : LONGEST;
    return time;
  }
}
