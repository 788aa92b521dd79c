/**
 * Tracks the jobs that were sent to one worker and have not been reported. All jobs are found by
 * their ledger slot. Root jobs are also kept in the order in which they were sent.
 *
 * This file is long because each way into a slot and out of it has a method here.
 */
import type { SessionLedger } from '../../backends/backend.js';
import { CLAIMED, DONE, STOPPED, UNCLAIMED } from '../../protocol/ledger.js';
import type { Pauses } from '../../util/credits.js';
import { isMovable, type Job, type JobWorker } from '../job/job.js';
import { advanceJob, GONE, SENT, WAITING } from '../job/job-state.js';
import { treeSize } from '../job/job-tree.js';
import type { JobLane } from '../job/place.js';
import { countUnclaimed, revokeUnclaimed, type SentJobs } from '../lanes/lane-scan.js';

/** Outdated entries that the list of root jobs may keep before it is filtered. */
const MAX_STALE_ROOTS = 64;

export class InFlight implements SentJobs {
  /** Number of jobs in flight, excluding revoked ones. */
  count = 0;
  /** Number of jobs in flight that wait for another job of their key. */
  held = 0;
  /** Number of jobs in flight of actors, with their dependents. They need no concurrency slot. */
  calls = 0;
  /** Number of jobs in flight that wait for another job of their actor. */
  heldCalls = 0;
  /** Number of job trees that were sent, excluding revoked ones. */
  treesSent = 0;
  readonly #worker: JobWorker;
  readonly #ledger: SessionLedger;
  readonly #jobs: (Job | undefined)[] = [];
  /** Number of jobs in flight that have an upstream in their job tree. */
  #dependents = 0;
  /** True at the slots of jobs that have an upstream in their job tree. */
  readonly #isDependent: boolean[] = [];
  /** Tasks that may wait, at the slots of the jobs that run after them. */
  readonly #follows: (Pauses | undefined)[] = [];
  /**
   * Generation of each slot: the number of jobs that had been sent when the slot was last assigned.
   */
  readonly #sentAs: number[] = [];
  /** Lanes of the jobs in flight, by slot. Empty if no task has a key and there are no actors. */
  readonly #lanes: (JobLane | undefined)[] = [];
  /** Number of jobs in flight that have a key. */
  #laned = 0;
  readonly #free: number[] = [];
  /** Root jobs in the order of their sending, without those of actors. */
  #roots: Job[] = [];
  #sends = 0;

  constructor(worker: JobWorker, ledger: SessionLedger) {
    this.#worker = worker;
    this.#ledger = ledger;
  }

  get freeSlots(): number {
    return this.#ledger.size - this.#jobs.length + this.#free.length;
  }

  /** True if each job that could start has started. The others wait for those. */
  get haveAllStarted(): boolean {
    let unclaimed = 0;
    for (let slot = 0; slot < this.#jobs.length; slot++)
      if (this.#jobs[slot] !== undefined && this.#ledger.stateOf(slot) === UNCLAIMED) unclaimed++;
    return unclaimed <= this.held + this.heldCalls + this.#dependents;
  }

  /** Assigns a slot to a job. Advances the job to `sent`. */
  occupy(job: Job): number {
    const slot = this.#free.pop() ?? this.#jobs.length;
    this.#jobs[slot] = job;
    this.#sentAs[slot] = this.#sends++;
    this.#ledger.open(slot);
    this.count++;
    advanceJob(job, SENT);
    job.worker = this.#worker;
    job.slot = slot;
    if (job.hasArgs) {
      if (job.place?.lane.actor === undefined) this.#roots.push(job);
      this.treesSent++;
    } else {
      this.#isDependent[slot] = true;
      this.#dependents++;
    }
    if (job.place !== undefined) this.#enterLane(slot, job.place.lane);
    if (job.isTimed) job.sent();
    return slot;
  }

  /** The jobs, and those after them, run after a task that may wait. */
  follow(jobs: readonly Job[], task: Pauses): void {
    for (const job of jobs) {
      if (!this.#isHere(job)) continue;
      this.#follows[job.slot] = task;
      task.followed();
      if (job.dependents !== undefined) this.follow(job.dependents, task);
    }
  }

  /**
   * Frees a slot that the worker has reported. Returns its job, or `undefined` if the job was
   * cancelled or revoked.
   */
  reported(slot: number): Job | undefined {
    const job = this.jobAt(slot);
    if (this.#jobs[slot] !== undefined) this.#leave(slot, true);
    this.#free.push(slot);
    if (this.count === 0) this.#roots = [];
    else if (this.#roots.length > 2 * this.count + MAX_STALE_ROOTS)
      this.#roots = this.#roots.filter((root) => this.#isHere(root));
    return job;
  }

  /**
   * Returns the job that is in flight in a slot. Returns `undefined` if the job was cancelled or
   * enqueued again.
   */
  jobAt(slot: number): Job | undefined {
    const job = this.#jobs[slot];
    return job?.state === SENT && job.worker === this.#worker && job.slot === slot ? job : undefined;
  }

  /**
   * Returns the generation of a slot. The generation changes each time the slot is assigned and is
   * never reused.
   */
  generation(slot: number): number {
    return this.#sentAs[slot]!;
  }

  /** Returns true if the slot still holds that generation, even if its future was cancelled. */
  hasGeneration(slot: number, generation: number): boolean {
    return this.#jobs[slot] !== undefined && this.#sentAs[slot] === generation;
  }

  /** Prevents the job from starting its later steps, and shows its task that it was stopped. */
  stop(job: Job): void {
    this.#ledger.stop(job.slot);
  }

  /** Returns true if the job in that generation of the slot is still running. */
  isRunning(slot: number, generation: number): boolean {
    return this.hasGeneration(slot, generation) && this.#ledger.stateOf(slot) !== DONE;
  }

  /** Returns true if the running task in a slot has read whether it was stopped. */
  hasReadCancel(slot: number): boolean {
    return this.#ledger.hasReadCancel(slot);
  }

  /** Returns the jobs that are still to be settled, oldest first. */
  live(): Job[] {
    const jobs: Job[] = [];
    for (let slot = 0; slot < this.#jobs.length; slot++) {
      const job = this.jobAt(slot);
      if (job !== undefined) jobs.push(job);
    }
    return jobs.sort((a, b) => this.#sentAs[a.slot]! - this.#sentAs[b.slot]!);
  }

  /**
   * Returns the jobs that run on the worker, in no particular order. A job of the state `gone` was
   * cancelled or timed out, and has not stopped.
   */
  running(): Job[] {
    return this.#jobs.filter((job, slot): job is Job => {
      if (job === undefined) return false;
      const state = this.#ledger.stateOf(slot);
      if (state !== CLAIMED && state !== STOPPED) return false;
      return job.state === GONE || (this.#isHere(job) && this.#worker.hasClaimed(job));
    });
  }

  /**
   * Revokes at most `most` root jobs that the worker has not claimed, the newest first. A revoked
   * job tree never runs on this worker, so it may be sent to another one.
   *
   * @param room maximum number of jobs in the revoked trees, because the receiving worker needs a
   *   slot for each job
   */
  revokeNewest(most: number, isWanted: (job: Job) => boolean = () => true, room = Number.POSITIVE_INFINITY): Job[] {
    if (this.#laned > 0) return revokeUnclaimed(this, { most, isWanted, room });
    const revoked: Job[] = [];
    let left = room;
    for (let i = this.#roots.length - 1; i >= 0 && revoked.length < most; i--) {
      const root = this.#roots[i]!;
      if (!this.#isHere(root)) continue;
      // The worker claims root jobs in order, so all older ones have started too.
      if (this.#ledger.stateOf(root.slot) !== UNCLAIMED) break;
      if (root.transfer !== undefined || !isWanted(root)) continue;
      // The last job tree may exceed `room`: every worker keeps slots free for one more tree.
      if (left <= 0) break;
      if (left !== Number.POSITIVE_INFINITY) left -= treeSize(root);
      if (this.revoke(root)) revoked.push(root);
    }
    return revoked;
  }

  /**
   * Revokes a job. Returns true if the job will never run on this worker. It is then released
   * ({@link InFlight.release}).
   */
  revoke(job: Job): boolean {
    if (!this.#ledger.revoke(job.slot)) {
      // The job has started, so the other jobs of its key have to run on this worker.
      if (this.#laned > 0) this.#lanes[job.slot]?.started();
      return false;
    }
    this.release(job);
    return true;
  }

  /**
   * Releases a job that has not started, and its dependents. Their slots stay occupied until the
   * worker has reported them. Advances them to `waiting`, unless they were cancelled.
   *
   * The caller makes sure that the worker skips the job.
   */
  release(job: Job): void {
    this.#forgetTree(job.slot);
    this.#leave(job.slot);
    if (job.state !== GONE) advanceJob(job, WAITING);
    job.worker = undefined;
    for (const dependent of job.dependents ?? [])
      if (dependent.worker === this.#worker && this.#jobs[dependent.slot] === dependent) this.release(dependent);
  }

  /** Frees the slots of a job tree that was never posted. Advances the jobs to `waiting`. */
  vacate(job: Job): void {
    if (job.worker !== this.#worker) return;
    this.#forgetTree(job.slot);
    this.#leave(job.slot);
    this.#free.push(job.slot);
    advanceJob(job, WAITING);
    job.worker = undefined;
    for (const dependent of job.dependents ?? []) this.vacate(dependent);
  }

  /** Called when the worker has ended, so that its keys may move to other workers. */
  leaveLanes(): void {
    for (let slot = 0; this.#laned + this.calls > 0; slot++) this.#leaveLane(slot, false);
  }

  /** Called when a lane leaves the worker. Its jobs in flight enter another lane. */
  moveLane(from: JobLane, to: JobLane): void {
    for (let slot = 0; slot < this.#lanes.length; slot++) {
      if (this.#lanes[slot] !== from) continue;
      this.#leaveLane(slot, true);
      this.#enterLane(slot, to);
    }
  }

  /**
   * Revokes the jobs of actors that the worker has not claimed, the newest first. Jobs with moved
   * arguments stay, because they can't be sent again.
   */
  revokeCalls(): Job[] {
    if (this.calls === 0) return [];
    return this.live()
      .filter(({ hasArgs, place, transfer }) => hasArgs && place?.lane.actor !== undefined && transfer === undefined)
      .reverse()
      .filter((job) => this.isUnclaimed(job) && this.revoke(job));
  }

  /** Returns the root jobs, oldest first. */
  *rootJobs(): Iterable<Job> {
    for (const root of this.#roots) if (this.#isHere(root)) yield root;
  }

  isUnclaimed(root: Job): boolean {
    return this.#ledger.stateOf(root.slot) === UNCLAIMED;
  }

  /** Called after the worker has ended and all of its jobs have been settled or enqueued again. */
  clear(): void {
    this.#jobs.length = 0;
    this.#roots = [];
  }

  /**
   * Returns the number of root jobs beyond those that the worker can have started. `contending` is
   * `Load.contending`.
   *
   * Dependents do not count, because they run where their upstream runs. If they counted, idle
   * workers would steal a single job tree from each other, possibly without end.
   */
  surplus(contending: number, concurrency: number): number {
    const beyond = contending - concurrency;
    if (beyond <= 0) return 0;
    if (this.#dependents === 0 && this.#laned === 0) return beyond;
    const { trees, jobs } = this.#unclaimed();
    const started = contending - jobs;
    return Math.max(0, trees - Math.max(0, concurrency - started));
  }

  /**
   * Revokes the root jobs that wait behind a task. `contending` is `Load.contending`.
   *
   * If the worker has started nothing, its oldest job stays. On a busy machine a thread may get no
   * processor for a long time. If all of its jobs were revoked each time, it might never start one.
   */
  revokeWaiting(contending: number): Job[] {
    const { trees, jobs } = this.#unclaimed();
    return this.revokeNewest(contending > jobs ? trees : trees - 1, isMovable);
  }

  /** Returns the number of job trees that the worker has not claimed, and of their jobs. */
  #unclaimed(): { trees: number; jobs: number } {
    if (this.#laned > 0) return countUnclaimed(this);
    let trees = 0;
    let jobs = 0;
    for (let i = this.#roots.length - 1; i >= 0; i--) {
      const root = this.#roots[i]!;
      if (!this.#isHere(root)) continue;
      // The worker claims root jobs in order, so all older ones have started too.
      if (this.#ledger.stateOf(root.slot) !== UNCLAIMED) break;
      trees++;
      jobs += treeSize(root);
    }
    return { trees, jobs };
  }

  /** Counts a job tree as never sent. `slot` is that of any job in the tree. */
  #forgetTree(slot: number): void {
    if (!this.#isDependent[slot]) this.treesSent--;
  }

  #enterLane(slot: number, lane: JobLane): void {
    this.#lanes[slot] = lane;
    const isRoot = !this.#isDependent[slot];
    lane.entered(isRoot);
    this.#count(lane, isRoot, 1);
  }

  #leaveLane(slot: number, hasRun: boolean): void {
    const lane = this.#lanes[slot];
    if (lane === undefined) return;
    const isRoot = !this.#isDependent[slot];
    this.#lanes[slot] = undefined;
    this.#count(lane, isRoot, -1);
    lane.left(isRoot, hasRun);
  }

  /** Called when the lane counts the job. */
  #count(lane: JobLane, isRoot: boolean, change: 1 | -1): void {
    const isHeld = isRoot && lane.roots > lane.concurrency;
    if (lane.actor === undefined) {
      this.#laned += change;
      if (isHeld) this.held += change;
    } else {
      this.calls += change;
      if (isHeld) this.heldCalls += change;
    }
  }

  #leave(slot: number, hasRun = false): void {
    this.#jobs[slot] = undefined;
    this.count--;
    if (this.#laned + this.calls > 0) this.#leaveLane(slot, hasRun);
    if (this.#dependents === 0 || !this.#isDependent[slot]) return;
    this.#isDependent[slot] = false;
    this.#dependents--;
    this.#follows[slot]?.unfollowed();
    this.#follows[slot] = undefined;
  }

  #isHere(job: Job): boolean {
    return this.jobAt(job.slot) === job;
  }
}
