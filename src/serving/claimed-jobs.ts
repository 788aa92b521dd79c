/** Runs the jobs that a server has claimed, from their unchecked data to their outcomes. */
import type { Engine } from '../engine/engine.js';
import { TaskNotFoundError } from '../errors.js';
import {
  argsFault,
  decodeArgs,
  decodeContexts,
  type JobData,
  JobDataError,
  readJob,
  type TreeData,
} from '../protocol/queue/job-data.js';
import type { Rules } from '../protocol/queue/lost-jobs.js';
import type { ClaimedJob, JobEnd, ServerLink, StalledJob } from '../protocol/queue/transport.js';
import { oneLine } from '../util/format.js';
import { JobOutcomes, type TakenOver } from './job-outcomes.js';
import { JobStarts, type RunResult } from './job-starts.js';
import type { Leases } from './leases.js';
import type { JobLog } from './notices.js';
import type { Outbox } from './outbox.js';
import type { ServedJobs } from './served-jobs.js';
import type { Failed } from './served-outcome.js';
import { NO_PREVIOUS_RUN, ServedTree } from './served-tree.js';

/** The trees of a job. A tree is undefined if it was refused. */
type Trees = readonly (ServedTree | undefined)[];

export class ClaimedJobs {
  readonly #engine: Engine;
  readonly #servedJobs: ServedJobs;
  readonly #outbox: Outbox;
  readonly #outcomes: JobOutcomes;
  readonly #starts: JobStarts;
  readonly #leases: Leases;
  readonly #log: JobLog;

  /** `concurrencySlots` is the number of trees that run at a time. */
  constructor(
    link: ServerLink,
    engine: Engine,
    server: ServedJobs,
    leases: Leases,
    concurrencySlots: number,
    log: JobLog,
    rules: Rules,
  ) {
    this.#engine = engine;
    this.#servedJobs = server;
    this.#outbox = server.outbox;
    this.#outcomes = new JobOutcomes(link, server, rules);
    this.#starts = new JobStarts(concurrencySlots);
    this.#leases = leases;
    this.#log = log;
  }

  /**
   * Runs a job. A job that this server can't start goes back to the queue, because another server
   * may start it.
   *
   * @throws the error of a failed task, so that dashboards show it at the job
   */
  async run(job: ClaimedJob): Promise<JobEnd> {
    if (this.#engine.refusal() !== undefined) return 'returned';
    try {
      return await this.#run(job);
    } finally {
      this.#leases.release(job.id, job.token);
    }
  }

  /** Called when the server of a job is lost. */
  async stalled(job: StalledJob): Promise<void> {
    const lost = await this.#outcomes.stalled(job);
    if (lost > 0) this.#logLost(job.id, lost);
  }

  /** Starts the trees in the same tick, unless another server had the job before. */
  async #run(job: ClaimedJob): Promise<JobEnd> {
    const trees: (ServedTree | undefined)[] = [];
    let data: JobData;
    let before: TakenOver | undefined;
    let fault: Error | undefined;
    try {
      data = readJob(job.data);
      const { client, keep } = data;
      const { maxPayload } = this.#servedJobs;
      const isOneOfMany = data.trees.length > 1;
      const lease = this.#leases.claim(job.id, job.token, () => {
        for (const tree of trees) tree?.lose();
      });
      for (const tree of data.trees) {
        const large = argsFault(tree, maxPayload, this.#engine.name);
        if (large !== undefined) await this.#refuseLarge(job, tree, data, large);
        fault ??= large;
        const served = { ...tree, client, keep, isOneOfMany, lease };
        const isRefused = large !== undefined;
        const decode = () => ({ args: decodeArgs(tree, client), contexts: decodeContexts(tree, client) });
        trees.push(isRefused ? undefined : new ServedTree(served, decode(), this.#servedJobs));
      }
      if (job.timesLost > 0 || job.wasClaimed) before = await this.#takeOver(job, data);
      if (!isOneOfMany) this.#outbox.noteServer(job.id, client, keep);
    } catch (error) {
      if (error instanceof JobDataError) {
        this.#logRefused(job, error);
        await this.#outcomes.refuse(job, error);
      }
      throw error;
    }
    const failures: Failed[] = [];
    const result = await this.#runTrees(job, data, trees, before, failures);
    // The outcomes go out on the connection on which the transport completes the job, and before
    // that. If this server fails now, the queue receives both or neither.
    await this.#outbox.sent();
    if (result === 'refused') return 'returned';
    for (const { failure } of failures) if (failure instanceof TaskNotFoundError) this.#logRefused(job, failure);
    for (const { failure } of failures) throw failure instanceof Error ? failure : new Error(String(failure));
    if (fault !== undefined) throw fault;
    return 'completed';
  }

  /** Takes over a job from a server that was lost, or that returned the job. */
  async #takeOver(job: ClaimedJob, data: JobData): Promise<TakenOver> {
    const before = await this.#outcomes.takeOver(job, data);
    if (job.timesLost > 0) this.#logTakenOver(job.id, data, before);
    return before;
  }

  /** Runs the trees, and adds the errors of the failed ones to `failures`. */
  #runTrees(
    { id, token }: ClaimedJob,
    { client, keep }: JobData,
    trees: Trees,
    before: TakenOver | undefined,
    failures: Failed[],
  ): Promise<RunResult> {
    const start = (index: number, ended: (ms: number) => void): void => {
      const tree = trees[index];
      if (tree === undefined) {
        ended(0);
        return;
      }
      this.#servedJobs.run(tree, before ?? NO_PREVIOUS_RUN, (failed) => {
        if (failed !== undefined) failures.push(failed);
        ended(tree.runTime);
      });
    };
    if (trees.length === 1) return new Promise((resolve) => start(0, () => resolve('ended')));
    return this.#starts.run({
      count: trees.length,
      noted: before?.started ?? 0,
      note: (started) => this.#outbox.noteStarted(id, token, started, client, keep),
      mayStart: () => this.#engine.refusal() === undefined,
      start,
    });
  }

  async #refuseLarge(job: ClaimedJob, tree: TreeData, data: JobData, error: Error): Promise<void> {
    this.#logRefused(job, error);
    await this.#outcomes.refuseTree(tree, data, error);
  }

  #logTakenOver(id: string, { trees }: JobData, { outcomes, lost }: TakenOver): void {
    if (lost > 0) this.#logLost(id, lost);
    const runsHere = trees.some(({ nodes }) => nodes.some((node) => !outcomes.has(node.id)));
    if (runsHere) this.#log.publish('job-taken-over', `took over job "${id}", whose server was lost`);
  }

  #logLost(id: string, count: number): void {
    const futures = count === 1 ? 'future' : 'futures';
    this.#log.publish('job-lost', `rejected ${count} started ${futures} of job "${id}", whose server was lost`);
  }

  #logRefused({ id }: ClaimedJob, error: Error): void {
    const kind = (error as NodeJS.ErrnoException).code ?? error.name;
    this.#log.publish('job-refused', `rejected job "${id}": ${oneLine(error.message)}`, kind);
  }
}
