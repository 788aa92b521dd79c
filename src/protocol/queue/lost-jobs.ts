/**
 * Decides what happens to the tasks of a lost job, which is a job whose server was lost.
 *
 * Both the server that takes the job over and a client that finds no server decide from the same
 * notes. They therefore reach the same verdict, in any order.
 */
import { WorkerDiedError } from '../../errors.js';
import { REPORT_FULFILLED, REPORT_REJECTED, REPORT_UNCLONABLE } from '../messages.js';
import type { JobData, NodeData } from './job-data.js';
import { type OutcomeMessage, outcomeNow } from './messages.js';
import { errorText } from './value-text.js';

/** The notes of a lost job. */
export interface LostJobNotes {
  /** Number of times that the job was lost. */
  readonly times: number;
  /** Number of trees that may have started. Each tree is noted before it starts. */
  readonly started: number;
  /** Number of retries that each future has used, by future id. */
  readonly retried: ReadonlyMap<number, number>;
  /** Finished steps of futures with several steps, by future id. */
  readonly steps: ReadonlyMap<number, EndedSteps>;
  /** Name of the server that had the job last. */
  readonly server: string | undefined;
}

export interface LostJob {
  readonly data: JobData;
  readonly notes: LostJobNotes;
}

export interface EndedSteps {
  readonly count: number;
  /** Value of the last finished step, as text. */
  readonly value: string;
}

export interface Verdict {
  /** Nodes that are rejected: they had started, or depend on one that had, and do not run again. */
  readonly lost: readonly NodeData[];
  /** Nodes that had started, and use one of their retries for another run. */
  readonly retried: readonly NodeData[];
}

/** Settings that a server publishes to the clients and servers of its queue. */
export interface Rules {
  /** Time in ms after which a server that does not renew its locks counts as lost. */
  readonly lostAfter: number;
  readonly rerunLost: number;
}

/** Decides for each future of the job. `outcomes` contains the futures that have settled. */
export function judge(
  { trees }: JobData,
  notes: LostJobNotes,
  rerunLost: number,
  outcomes: ReadonlyMap<number, OutcomeMessage>,
): Verdict {
  const lost: NodeData[] = [];
  const retried: NodeData[] = [];
  // A job of one tree has no note: it has started when a server has claimed it.
  const started = trees.length === 1 ? 1 : notes.started;
  for (const { nodes } of trees.slice(0, started)) {
    const lostHere = new Set<number>();
    const again = new Set<number>();
    for (const [index, node] of nodes.entries()) {
      if (outcomes.has(node.id)) continue;
      if (again.has(node.from)) {
        again.add(index);
        continue;
      }
      const upstream = node.from === -1 ? undefined : nodes[node.from]!;
      // A value that could not leave the server is lost with the server.
      const hasInput = upstream === undefined || outcomes.get(upstream.id)?.kind === REPORT_FULFILLED;
      if (!lostHere.has(node.from) && node.credit === undefined) {
        const isRerun = notes.times <= rerunLost;
        const isRetried = !isRerun && hasInput && (notes.retried.get(node.id) ?? 0) < (node.retry?.count ?? 0);
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

/**
 * Returns true if a settled node must run again: its value never left its thread, and an unsettled
 * node behind it needs the value.
 */
export function isNeededAgain(
  nodes: readonly NodeData[],
  index: number,
  outcomes: ReadonlyMap<number, OutcomeMessage>,
): boolean {
  if (outcomes.get(nodes[index]!.id)?.kind !== REPORT_UNCLONABLE) return false;
  return nodes.some(
    ({ id, from }, next) => from === index && (!outcomes.has(id) || isNeededAgain(nodes, next, outcomes)),
  );
}

/** Returns the rejection of a future that was lost with its server and does not run again. */
export function lostOutcome(node: NodeData, { server }: LostJobNotes, { lostAfter }: Rules): OutcomeMessage {
  // The name is unknown if the server was lost at the moment of the claim.
  const who = server === undefined ? 'The server of this task' : `Server "${server}", which ran this task,`;
  const error = new WorkerDiedError(
    `${who} was lost: it did not renew its lock for more than ${lostAfter} ms. ${whyLost(node)}.`,
    { workerName: server ?? 'unknown' },
  );
  return outcomeNow(node.id, node.attempt, REPORT_REJECTED, errorText(error));
}

function whyLost({ credit }: NodeData): string {
  return credit === undefined
    ? 'The task was not run again, because it had started. Set retry of the task or rerunLost of serveTasks() if running it twice is safe'
    : 'The stream was not run again, because its values were already read. Submit it again if that is safe';
}
