/** Claims jobs with a BullMQ worker, which renews their locks and finds lost jobs. */
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { JobEnd, JobIntake, JobListener } from '../../protocol/queue/transport.js';
import type { Checked } from '../options/serve-options.js';
import type { BullMQ } from '../redis/packages.js';
import { checkVersion, within } from '../redis/redis.js';
import type { Keys } from '../stored/keys.js';
import { Ranking } from '../stored/ranking.js';
import { failureOf } from './job-failure.js';
import { JobReporter } from './job-reporter.js';

/**
 * ms after which BullMQ repeats a command that failed with its connection. By default BullMQ waits
 * for 15 s. Nothing ends this wait early: neither the new connection, which ioredis opens within
 * 2 s, nor `close()`. Without a connection, a repeated command costs one rejected promise.
 */
const RETRY_DELAY = 500;

/** A private member of a BullMQ worker. */
interface WithLocks {
  readonly lockManager: { close(): Promise<void> };
}

export class BullmqIntake implements JobIntake {
  readonly #bullmq: BullMQ;
  readonly #redis: Redis;
  readonly #worker: Worker;
  readonly #listener: JobListener;
  readonly #ranking: Ranking;
  readonly #reporter: JobReporter | undefined;
  readonly #connectTimeout: number;

  /** `failed` is called with each error of BullMQ, its commands and its connections. */
  constructor(
    bullmq: BullMQ,
    redis: Redis,
    keys: Keys,
    { queue, prefix, lostAfter, connectTimeout, report, engine }: Checked,
    concurrency: number,
    listener: JobListener,
    failed: (error: Error) => void,
  ) {
    this.#bullmq = bullmq;
    this.#redis = redis;
    this.#listener = listener;
    this.#ranking = new Ranking(redis, keys);
    this.#reporter = report && new JobReporter(redis, keys, report);
    this.#connectTimeout = connectTimeout;
    this.#worker = new bullmq.Worker(queue, (job: Job, token) => this.#run(job, token), {
      connection: redis as never,
      prefix,
      name: engine.name,
      concurrency,
      lockDuration: lostAfter,
      stalledInterval: Math.ceil(lostAfter / 2),
      runRetryDelay: RETRY_DELAY,
      // The tasks of a lost job can have different fates (protocol/queue/lost-jobs.ts). BullMQ does
      // not know them, so it must pass on every job.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    // After an error of the connection, ioredis connects again by itself. So errors are only
    // reported.
    this.#worker.on('error', failed);
    this.#worker.on('locksRenewed', ({ jobIds }) => listener.renewed(jobIds));
    this.#worker.on('lockRenewalFailed', (jobIds) => listener.lost(jobIds));
    this.#worker.on('stalled', (id) => void this.#stalled(id).catch(() => {}));
  }

  get concurrency(): number {
    return this.#worker.concurrency;
  }

  set concurrency(count: number) {
    this.#worker.concurrency = count;
  }

  fill(): void {
    const worker = this.#worker;
    if (worker.isPaused() || worker.closing !== undefined) return;
    // A BullMQ worker that has all its jobs only waits for one of them to end, and does not see the
    // new concurrency. After a pause it fetches jobs again.
    void worker.pause(true).then(() => worker.resume());
  }

  async ready(): Promise<void> {
    await within(this.#connectTimeout, this.#worker.waitUntilReady());
    checkVersion(this.#redis, this.#worker);
  }

  pause(): Promise<void> {
    return this.#worker.pause(true);
  }

  close(): Promise<void> {
    return this.#worker.close();
  }

  /**
   * Stops the renewal of locks. If `close()` is still waiting, BullMQ would otherwise renew locks
   * and keep the process alive forever.
   */
  async stopRenewal(): Promise<void> {
    await (this.#worker as unknown as WithLocks).lockManager.close();
  }

  /** Returns the return value of the job. */
  async #run(job: Job, token = ''): Promise<unknown> {
    const report = this.#reporter?.open(job.id!);
    const claimed = {
      id: job.id!,
      token,
      data: job.data,
      timesLost: job.stalledCounter ?? 0,
      wasClaimed: job.attemptsStarted > 1,
      report,
    };
    let end: JobEnd;
    try {
      end = await this.#listener.run(claimed);
    } catch (error) {
      throw failureOf(error, this.#bullmq);
    } finally {
      report?.close();
    }
    if (end === 'completed') return report?.result;
    await job.moveToWait(token);
    this.#returned();
    throw new this.#bullmq.WaitingError();
  }

  /** BullMQ puts a job without a priority before all others, also in a ranked queue. */
  #returned(): void {
    // If the check fails, the one behind the next add repairs the order.
    void this.#ranking.check().catch(() => {});
  }

  async #stalled(id: string): Promise<void> {
    this.#returned();
    const job = await this.#bullmq.Job.fromId(this.#worker as never, id);
    if (job === undefined) return;
    await this.#listener.stalled({ id, data: job.data, timesLost: job.stalledCounter ?? 0 });
  }
}
