/**
 * Begins the plans of jobs, each after Redis has noted that it begins. So when the machine is lost, what is not noted has not begun, and runs
 * elsewhere. Some are noted ahead, since the threads would wait for Redis otherwise: so many count as begun that may not have.
 */

/** Plans that a machine notes ahead at most, beside as many as it has places for. */
const MOST = 24;
/** ms of work for each place that is noted ahead: a round trip to Redis on a busy machine. */
const AHEAD = 1;
/** ms of work that is noted at a time at least. Each note costs 0.2 ms of a processor, since it wakes Redis and the threads. */
const GROUP = 0.5;
/** Weight of the newest plan in the average. */
const NEWEST = 0.1;

export interface Shared {
  /** Plans in the job. */
  readonly count: number;
  /** So many are noted already. */
  readonly noted: number;
  /** Notes that so many may have begun. False where the job is not this machine's any more. */
  note(started: number): Promise<boolean>;
  /** False where what has not begun can't begin here. */
  mayBegin(): boolean;
  /** Begins a plan. Calls `ended` with the ms that its tasks took, without the time in which they waited for a thread. */
  start(index: number, ended: (ms: number) => void): void;
}

/** Why some have not begun, if any. */
export type Outcome = 'ended' | 'lost' | 'refused';

class SharedJob {
  started = 0;
  /** Plans that have begun and not ended. */
  open = 0;
  /** Set when no more of it begins. */
  outcome: Outcome | undefined;

  constructor(
    readonly shared: Shared,
    readonly resolve: (outcome: Outcome) => void,
    readonly reject: (error: unknown) => void,
  ) {}
}

export class JobStarts {
  readonly #concurrency: number;
  /** Jobs that have plans to begin, in the order in which they came. */
  readonly #waiting: SharedJob[] = [];
  /** Plans that are noted and have not ended, of all jobs. */
  #open = 0;
  #isNoting = false;
  /** ms of a plan. */
  #pace = AHEAD;

  /** `places`: plans that run at a time. */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Resolves when all that has begun has ended. Rejects with the error of a note. */
  run(shared: Shared): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const job = new SharedJob(shared, resolve, reject);
      this.#waiting.push(job);
      this.#start(job, Math.min(shared.noted, shared.count));
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

  /** For how many more plans. None where that would be too few for a note. */
  #room(): number {
    const ahead = this.#concurrency + Math.min(MOST, Math.ceil((AHEAD * this.#concurrency) / this.#pace));
    // What is so quick that all of it is done within a round trip is noted when a thread has nothing left.
    const group = Math.min(ahead - this.#concurrency + 1, Math.ceil(GROUP / this.#pace));
    const room = ahead - this.#open;
    return room >= group ? room : 0;
  }

  #share(room: number): [SharedJob, number][] {
    const shares: [SharedJob, number][] = [];
    for (const job of this.#waiting) {
      const trees = Math.min(room, job.shared.count - job.started);
      if (trees === 0) break;
      shares.push([job, trees]);
      room -= trees;
    }
    return shares;
  }

  async #note(job: SharedJob, trees: number): Promise<void> {
    const { shared } = job;
    const to = job.started + trees;
    if (!shared.mayBegin()) return this.#stop(job, 'refused');
    this.#open += trees;
    try {
      const isOurs = await shared.note(to);
      this.#open -= trees;
      if (!isOurs) this.#stop(job, 'lost');
      else if (!shared.mayBegin()) this.#stop(job, 'refused');
      else this.#start(job, to);
    } catch (error) {
      this.#open -= trees;
      job.reject(error);
      this.#stop(job, 'lost');
    }
  }

  #start(job: SharedJob, to: number): void {
    const { shared } = job;
    this.#open += to - job.started;
    job.open += to - job.started;
    while (job.started < to) {
      shared.start(job.started++, (ms) => {
        this.#pace += NEWEST * (ms - this.#pace);
        this.#open--;
        job.open--;
        this.#close(job);
        void this.#next();
      });
    }
    if (job.started === shared.count) this.#stop(job, 'ended');
  }

  #stop(job: SharedJob, outcome: Outcome): void {
    this.#waiting.splice(this.#waiting.indexOf(job), 1);
    job.outcome = outcome;
    this.#close(job);
  }

  #close({ open, outcome, resolve }: SharedJob): void {
    if (open === 0 && outcome !== undefined) resolve(outcome);
  }
}
