/**
 * Publishes the outcomes of futures whose tasks do not run on this server. Futures of jobs with
 * invalid data are rejected. Futures of lost jobs are settled for the server that was lost.
 */
import { REPORT_REJECTED } from '../protocol/messages.js';
import {
  DEFAULT_KEEP,
  futuresIn,
  type JobData,
  type JobDataError,
  type NodeData,
  readJob,
  type TreeData,
} from '../protocol/queue/job-data.js';
import { judge, type LostJobNotes, lostOutcome, type Rules } from '../protocol/queue/lost-jobs.js';
import { type OutcomeMessage, outcomeNow } from '../protocol/queue/messages.js';
import { outcomesOf } from '../protocol/queue/outcomes.js';
import type { ClaimedJob, ServerConnection, StalledJob } from '../protocol/queue/transport.js';
import { errorText } from '../protocol/queue/value-text.js';
import type { Outbox } from './outbox.js';
import type { ServedJobs } from './served-jobs.js';
import type { PreviousRuns } from './served-tree.js';

export class JobOutcomes {
  readonly #connection: ServerConnection;
  readonly #servedJobs: ServedJobs;
  readonly #outbox: Outbox;
  readonly #rules: Rules;

  constructor(connection: ServerConnection, servedJobs: ServedJobs, rules: Rules) {
    this.#connection = connection;
    this.#rules = rules;
    this.#servedJobs = servedJobs;
    this.#outbox = servedJobs.outbox;
  }

  /**
   * Rejects the futures of a job with invalid data. Does nothing for a future whose id, or whose
   * client, can't be read from the data.
   */
  async refuse({ data }: StalledJob, error: JobDataError): Promise<void> {
    const payload = errorText(error);
    const futures = new Map(futuresIn(data).map((future) => [future.id, future]));
    for (const { id, attempt } of futures.values()) {
      const clients = error.client === undefined ? [] : [error.client];
      this.#outbox.publishOutcome(outcomeNow(id, attempt, REPORT_REJECTED, payload), DEFAULT_KEEP, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** Rejects the futures of one tree. Other trees of the job may run. */
  async refuseTree({ nodes }: TreeData, data: JobData, error: Error): Promise<void> {
    const payload = errorText(error);
    await this.#publish(data, nodes, ({ id, attempt }) => outcomeNow(id, attempt, REPORT_REJECTED, payload));
  }

  /**
   * Called when a job was lost and waits for a server. Rejects the futures that do not run again at
   * once, before a server claims the job. Returns the number of rejected futures.
   */
  async stalled({ id, data, timesLost }: StalledJob): Promise<number> {
    const job = readJob(data);
    const notes = await this.#connection.notesOf(id, job, timesLost);
    const { lost } = judge(job, notes, this.#rules.rerunLost, await outcomesOf(this.#connection, job));
    await this.#publishLost(job, notes, lost);
    return lost.length;
  }

  /**
   * Called when this server has claimed a job that another server had. Rejects the futures that
   * were lost, and notes the retries that the others use. Returns what was done so far.
   */
  async takeOver({ id: job, token, timesLost }: ClaimedJob, data: JobData): Promise<TakenOver> {
    const notes = await this.#connection.notesOf(job, data, timesLost);
    const outcomes = await outcomesOf(this.#connection, data);
    // The other server returned the job. Before that, it published the outcome of each task that it
    // had started.
    if (timesLost === 0)
      return { outcomes, retried: notes.retried, steps: notes.steps, started: notes.started, lost: 0 };
    const { lost, retried } = judge(data, notes, this.#rules.rerunLost, outcomes);
    const ids = retried.map(({ id }) => id);
    if (ids.length > 0) await this.#connection.noteRetries(job, token, ids);
    await this.#publishLost(data, notes, lost);
    const used = new Map(notes.retried);
    for (const id of ids) used.set(id, (used.get(id) ?? 0) + 1);
    return {
      outcomes: lost.length === 0 ? outcomes : await outcomesOf(this.#connection, data),
      retried: used,
      steps: notes.steps,
      started: notes.started,
      lost: lost.length,
    };
  }

  async #publishLost(data: JobData, notes: LostJobNotes, nodes: readonly NodeData[]): Promise<void> {
    if (nodes.length > 0) await this.#publish(data, nodes, (node) => lostOutcome(node, notes, this.#rules));
  }

  /** Publishes outcomes to the client of the job and to attached clients. */
  async #publish(
    { client, keep }: JobData,
    nodes: readonly NodeData[],
    outcomeOf: (node: NodeData) => OutcomeMessage,
  ): Promise<void> {
    for (const node of nodes) {
      const clients = [client, ...this.#servedJobs.watchersOf(node.id)];
      this.#outbox.publishOutcome(outcomeOf(node), keep, clients, true);
    }
    await this.#outbox.flushed();
  }
}

/** The state of a job that another server had before. */
export interface TakenOver extends PreviousRuns {
  /** Number of trees that were noted as started. */
  readonly started: number;
  /** Number of futures that were rejected by the takeover. */
  readonly lost: number;
}
