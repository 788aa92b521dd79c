/** Runs the jobs that a server has claimed, from their unchecked data to their outcomes. */
import type { Engine } from '../engine/engine.js';
import { TaskNotFoundError } from '../errors.js';
import { argsFault, decodeArgs, decodeContexts } from '../protocol/queue/job-args.js';
import { type JobData, JobDataError, readJob, type TreeData } from '../protocol/queue/job-data.js';
import type { Rules } from '../protocol/queue/lost-jobs.js';
import type { ClaimedJob, JobEnd, ServerConnection, StalledJob } from '../protocol/queue/transport.js';
import { oneLine } from '../util/format.js';
import { jobFailure } from './job-failure.js';
import { JobOutcomes, type TakenOver } from './job-outcomes.js';
import { JobStarts, type RunResult } from './job-starts.js';
import type { Leases } from './leases.js';
import type { JobLog } from './notices.js';
import type { Outbox } from './outbox.js';
import type { ServedJobs } from './served-jobs.js';
import type { Failed } from './served-outcome.js';
import { NO_PREVIOUS_RUN, ServedTree } from './served-tree.js';

/** A tree of a claimed job. A refused tree never starts, and its futures are rejected. */
type PreparedTree =
  | { readonly type: 'accepted'; readonly tree: ServedTree }
  | { readonly type: 'refused'; readonly data: TreeData; readonly fault: Error };

/** A job whose data is valid. Only its accepted trees start. */
interface PreparedJob {
  readonly data: JobData;
  readonly trees: readonly PreparedTree[];
}

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
    connection: ServerConnection,
    engine: Engine,
    servedJobs: ServedJobs,
    leases: Leases,
    concurrencySlots: number,
    log: JobLog,
    rules: Rules,
  ) {
    this.#engine = engine;
    this.#servedJobs = servedJobs;
    this.#outbox = servedJobs.outbox;
    this.#outcomes = new JobOutcomes(connection, servedJobs, rules);
    this.#starts = new JobStarts(concurrencySlots);
    this.#leases = leases;
    this.#log = log;
  }

  /**
   * Runs a job. A job that this server can't start goes back to the queue, because another server
   * may start it.
   *
   * @throws Error if a task has failed, so that dashboards show it at the job
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

  /**
   * Starts the trees in the same tick, unless a tree is refused, or another server had the job
   * before.
   */
  async #run(job: ClaimedJob): Promise<JobEnd> {
    let prepared: PreparedJob;
    try {
      prepared = this.#prepare(job);
    } catch (error) {
      if (error instanceof JobDataError) await this.#refuse(job, error);
      throw error;
    }
    const { data, trees } = prepared;
    for (const tree of trees) if (tree.type === 'refused') await this.#refuseTree(job, data, tree);
    job.report?.log?.(`server "${this.#engine.name}" has received the job`);
    const before = job.timesLost > 0 || job.wasClaimed ? await this.#takeOver(job, data) : undefined;
    if (trees.length === 1) this.#outbox.noteServer(job.id, data.client, data.keep);
    const failures: Failed[] = [];
    const result = await this.#runTrees(job, prepared, before, failures);
    // The outcomes go out on the connection on which the transport completes the job, and before
    // that. If this server fails now, the queue receives both or neither.
    await this.#outbox.sent();
    return this.#endOf(job, trees, result, failures);
  }

  /**
   * Reads the data of a job, and claims its lease. Starts nothing.
   *
   * @throws JobDataError if a part of the data is invalid
   */
  #prepare(job: ClaimedJob): PreparedJob {
    const data = readJob(job.data);
    const { client, keep } = data;
    const trees: PreparedTree[] = [];
    const lease = this.#leases.claim(job.id, job.token, () => {
      for (const each of trees) if (each.type === 'accepted') each.tree.lose();
    });
    const isOneOfMany = data.trees.length > 1;
    for (const tree of data.trees) {
      const fault = argsFault(tree, this.#servedJobs.maxPayload, this.#engine.name);
      if (fault !== undefined) {
        trees.push({ type: 'refused', data: tree, fault });
        continue;
      }
      const inputs = { args: decodeArgs(tree, client), contexts: decodeContexts(tree, client) };
      const served = new ServedTree(
        { ...tree, client, keep, isOneOfMany, lease, report: job.report },
        inputs,
        this.#servedJobs,
      );
      trees.push({ type: 'accepted', tree: served });
    }
    return { data, trees };
  }

  /**
   * Returns how the job ended.
   *
   * @throws Error that says how many tasks failed, and why the first one did
   */
  #endOf(job: ClaimedJob, trees: readonly PreparedTree[], result: RunResult, failures: readonly Failed[]): JobEnd {
    if (result === 'refused') return 'returned';
    for (const { failure } of failures) if (failure instanceof TaskNotFoundError) this.#logRefused(job, failure);
    let tasks = 0;
    const refused: Failed[] = [];
    for (const each of trees) {
      const { nodes } = each.type === 'refused' ? each.data : each.tree.data;
      tasks += nodes.length;
      if (each.type === 'refused') refused.push(...nodes.map(() => ({ failure: each.fault, isCancelled: false })));
    }
    if (failures.length + refused.length > 0) throw jobFailure([...failures, ...refused], tasks);
    job.report?.results?.(trees.flatMap((each) => (each.type === 'accepted' ? each.tree.results : [])));
    return 'completed';
  }

  /** Rejects all futures of a job with invalid data. */
  async #refuse(job: ClaimedJob, error: JobDataError): Promise<void> {
    this.#logRefused(job, error);
    await this.#outcomes.refuse(job, error);
  }

  async #refuseTree(job: ClaimedJob, data: JobData, tree: PreparedTree & { type: 'refused' }): Promise<void> {
    this.#logRefused(job, tree.fault);
    await this.#outcomes.refuseTree(tree.data, data, tree.fault);
  }

  /** Takes over a job from a server that was lost, or that returned the job. */
  async #takeOver(job: ClaimedJob, data: JobData): Promise<TakenOver> {
    const before = await this.#outcomes.takeOver(job, data);
    if (job.timesLost > 0) this.#logTakenOver(job.id, data, before);
    return before;
  }

  /** Runs the trees, and adds the failures of their nodes to `failures`. */
  #runTrees(
    { id, token }: ClaimedJob,
    { data: { client, keep }, trees }: PreparedJob,
    before: TakenOver | undefined,
    failures: Failed[],
  ): Promise<RunResult> {
    const start = (index: number, ended: (ms: number) => void): void => {
      const prepared = trees[index]!;
      if (prepared.type === 'refused') {
        ended(0);
        return;
      }
      const { tree } = prepared;
      this.#servedJobs.run(tree, before ?? NO_PREVIOUS_RUN, (failed) => {
        failures.push(...failed);
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
