/**
 * What becomes of the tasks of a job whose machine was lost. The machine that takes the job over and a client that finds no machine judge by the
 * same notes, so they come to the same verdict, in any order.
 */
import { WorkerDiedError } from '../../errors.js';
import { FULFILLED, UNCLONABLE } from '../../protocol/messages.js';
import type { JobData, NodeData } from './job-data.js';
import type { End } from './messages.js';

/** What was noted of a job that was lost. */
export interface Loss {
  /** How many machines it was lost with. */
  readonly times: number;
  /** How many of its plans may have begun: each is noted before it begins. */
  readonly started: number;
  /** Retries that its futures have used up, by their ids. */
  readonly retried: ReadonlyMap<number, number>;
  /** Steps that have ended, of futures that have several, by their ids. */
  readonly steps: ReadonlyMap<number, EndedSteps>;
  /** The machine that had it last. */
  readonly server: string | undefined;
}

export interface EndedSteps {
  readonly count: number;
  /** Of the last of them, as text. */
  readonly value: string;
}

export interface Verdict {
  /** They had begun, or wait for one that had, and are not run again. */
  readonly lost: readonly NodeData[];
  /** They had begun, and each takes one of its retries for another run. */
  readonly retried: readonly NodeData[];
}

/** What a machine says of itself to all of its queue. */
export interface Rules {
  /** ms */
  readonly lostAfter: number;
  readonly rerunLost: number;
}

/** `ends` has those that have ended. */
export function judge({ trees }: JobData, loss: Loss, rerunLost: number, ends: ReadonlyMap<number, End>): Verdict {
  const lost: NodeData[] = [];
  const retried: NodeData[] = [];
  // A job of one plan is not noted: it has begun when a machine has taken it.
  const started = trees.length === 1 ? 1 : loss.started;
  for (const { nodes } of trees.slice(0, started)) {
    const lostHere = new Set<number>();
    const again = new Set<number>();
    for (const [index, node] of nodes.entries()) {
      if (ends.has(node.id)) continue;
      if (again.has(node.from)) {
        again.add(index);
        continue;
      }
      const upstream = node.from === -1 ? undefined : nodes[node.from]!;
      // A value that could not leave the machine is gone with it.
      const hasInput = upstream === undefined || ends.get(upstream.id)?.kind === FULFILLED;
      if (!lostHere.has(node.from) && node.credit === undefined) {
        const isRerun = loss.times <= rerunLost;
        const isRetried = !isRerun && hasInput && (loss.retried.get(node.id) ?? 0) < (node.retry?.count ?? 0);
        if (isRetried) retried.push(node);
        if (isRerun || isRetried) {
          again.add(index);
          continue;
        }
      }
      lostHere.add(index);
      lost.push(node);
    }
  }
  return { lost, retried };
}

/** Whether an end is that of a future whose value only its own thread had, and some leg behind it needs that value again. */
export function isNeededAgain(nodes: readonly NodeData[], index: number, ends: ReadonlyMap<number, End>): boolean {
  if (ends.get(nodes[index]!.id)?.kind !== UNCLONABLE) return false;
  return nodes.some(({ id, from }, next) => from === index && (!ends.has(id) || isNeededAgain(nodes, next, ends)));
}

export function lostError({ server }: Loss, lostAfter: number, what: string): WorkerDiedError {
  // None where it was lost in the moment in which it took the job.
  const who = server === undefined ? 'The machine that had this task' : `The machine ${server}, which had this task,`;
  return new WorkerDiedError(`${who} gave no sign of life for more than ${lostAfter} ms. ${what}.`, {
    workerName: server ?? 'unknown',
  });
}

export function whyLost({ credit }: NodeData): string {
  return credit === undefined
    ? 'It may have done anything, so it is not run again; retry of the task or rerunLost of serveTasks() says otherwise'
    : "What a stream has given can't be taken back, so it is not run again";
}
