/**
 * Starts the trees of jobs that contain several. The queue notes each tree before it starts.
 *
 * If the server is lost, a tree without a note has not started, and runs on another server. Some
 * trees are noted ahead of time, because the threads would otherwise wait for the queue. These
 * trees count as started, although they may not have started yet.
 */

/**
 * Maximum number of trees that a server notes ahead, in addition to the trees that can run. The
 * measurements are in docs/decisions/0041.
 */
const MAX_AHEAD = 24;
/**
 * Work in ms that is noted ahead for each concurrency slot. It covers a round trip to Redis on a
 * busy machine.
 */
const AHEAD_MS = 1;
/**
 * Minimum work in ms for one note. A note costs 0.2 ms of a processor, because it wakes Redis and
 * the threads (docs/decisions/0041).
 */
const MIN_GROUP_MS = 0.5;
/** Weight of the newest tree in the average run time. */
const NEWEST_WEIGHT = 0.1;

export interface SharedJobHost {
  /** Number of trees in the job. */
  readonly count: number;
  /** Number of trees that were noted by a previous server. */
  readonly noted: number;
  /** Notes that `started` trees may have started. Resolves with false if the job was lost. */
  note(started: number): Promise<boolean>;
  /** Returns false if this server can't start trees any more. */
  mayStart(): boolean;
  /**
   * Starts a tree. Calls `ended` with the run time of its tasks in ms. The time in which they
   * waited for a thread does not count.
   */
  start(index: number, ended: (ms: number) => void): void;
}

/** Why no more trees of a job start: all have started, the job is lost, or the server refuses. */
export type RunResult = 'ended' | 'lost' | 'refused';

class SharedJob {
  started = 0;
  /** Number of trees that have started and not ended. */
  open = 0;
  /** Set when no more trees of the job start. */
  result: RunResult | undefined;

  constructor(
    readonly host: SharedJobHost,
    readonly resolve: (result: RunResult) => void,
    readonly reject: (error: unknown) => void,
  ) {}
}

export class JobStarts {
  readonly #concurrency: number;
  /** Jobs with trees that have not started, in the order of their arrival. */
  readonly #waiting: SharedJob[] = [];
  /** Number of noted trees that have not ended, of all jobs. */
  #open = 0;
  #isNoting = false;
  /** Average run time of a tree in ms. */
  #runTime = AHEAD_MS;

  /** `concurrency` is the number of trees that run at a time. */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Resolves when all started trees have ended. Rejects if a note fails. */
  run(host: SharedJobHost): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const job = new SharedJob(host, resolve, reject);
      this.#waiting.push(job);
      this.#start(job, Math.min(host.noted, host.count));
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    if (this.#isNoting) return;
    this.#isNoting = true;
    while (this.#waiting.length > 0) {
      const room = this.#room();
      if (room === 0) break;
      await Promise.all(this.#share(room).map(([job, trees]) => this.#note(job, trees)));
    }
    this.#isNoting = false;
  }

  /** Returns the number of further trees to note now; 0 if there are too few for a note. */
  #room(): number {
    const ahead = this.#concurrency + Math.min(MAX_AHEAD, Math.ceil((AHEAD_MS * this.#concurrency) / this.#runTime));
    // Trees may be so quick that all end within a round trip. The next note is then made when a
    // thread has no tree left.
    const group = Math.min(ahead - this.#concurrency + 1, Math.ceil(MIN_GROUP_MS / this.#runTime));
    const room = ahead - this.#open;
    return room >= group ? room : 0;
  }

  #share(room: number): [SharedJob, number][] {
    const shares: [SharedJob, number][] = [];
    for (const job of this.#waiting) {
      const trees = Math.min(room, job.host.count - job.started);
      if (trees === 0) break;
      shares.push([job, trees]);
      room -= trees;
    }
    return shares;
  }

  async #note(job: SharedJob, trees: number): Promise<void> {
    const { host } = job;
    const to = job.started + trees;
    if (!host.mayStart()) return this.#stop(job, 'refused');
    this.#open += trees;
    try {
      const isOurs = await host.note(to).finally(() => {
        this.#open -= trees;
      });
      if (!isOurs) this.#stop(job, 'lost');
      else if (!host.mayStart()) this.#stop(job, 'refused');
      else this.#start(job, to);
    } catch (error) {
      job.reject(error);
      this.#stop(job, 'lost');
    }
  }

  #start(job: SharedJob, to: number): void {
    const { host } = job;
    const count = (trees: number): void => {
      this.#open += trees;
      job.open += trees;
    };
    while (job.started < to) {
      count(1);
      try {
        host.start(job.started++, (ms) => {
          this.#runTime += NEWEST_WEIGHT * (ms - this.#runTime);
          count(-1);
          this.#close(job);
          void this.#next();
        });
      } catch (error) {
        count(-1);
        throw error;
      }
    }
    if (job.started === host.count) this.#stop(job, 'ended');
  }

  #stop(job: SharedJob, result: RunResult): void {
    this.#waiting.splice(this.#waiting.indexOf(job), 1);
    job.result = result;
    this.#close(job);
  }

  #close({ open, result, resolve }: SharedJob): void {
    if (open === 0 && result !== undefined) resolve(result);
  }
}
