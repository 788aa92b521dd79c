/** Posts jobs to one worker: job trees in batches, and each attaching job as its own message. */
import type { Session } from '../../backends/backend.js';
import { SerializationError } from '../../errors.js';
import { explainUnclonable, explainUnmovable } from '../../protocol/clone-fault.js';
import { isInstance } from '../../protocol/instance.js';
import { NoBytesError } from '../../protocol/serialize.js';
import type { Credits } from '../../util/credits.js';
import type { Job } from '../job/job.js';
import type { InFlight } from './in-flight.js';
import { JobTreeEncoder } from './job-tree-encoder.js';
import { Links } from './links.js';
import { messagesOf } from './message-size.js';
import { SharedCopies } from './shared-copies.js';

/** A job that could not be posted, and the reason. */
export interface Unposted {
  readonly job: Job;
  readonly error: unknown;
}

const NONE: readonly Unposted[] = [];

export class JobSender {
  readonly #session: Session;
  readonly #inFlight: InFlight;
  readonly #credits: Credits;
  readonly #encoder: JobTreeEncoder;
  /** The shared values that the worker has. Undefined until a job needs one. */
  #copies: SharedCopies | undefined;

  constructor(session: Session, inFlight: InFlight, credits: Credits, sendsOptions: boolean) {
    this.#session = session;
    this.#inFlight = inFlight;
    this.#credits = credits;
    this.#encoder = new JobTreeEncoder(
      sendsOptions,
      new Links({ postInput: (message, transfer) => session.post(message, transfer) }),
    );
  }

  /**
   * Posts jobs. Advances them to `sent`. Returns the jobs that could not be posted, and advances
   * those to `waiting`.
   */
  send(jobs: readonly Job[]): readonly Unposted[] {
    const attaching = jobs.filter(({ kind }) => kind === 'attach');
    if (attaching.length === 0) return this.#postAll(jobs);
    const unposted = this.#postAll(jobs.filter(({ kind }) => kind !== 'attach'));
    // Attaching jobs are posted last, because the task of such a job may be in the same batch.
    for (const job of attaching) this.#attach(job);
    return unposted;
  }

  #postAll(jobs: readonly Job[]): readonly Unposted[] {
    if (jobs.length === 0) return NONE;
    const messages = messagesOf(jobs);
    return messages.length === 1 ? this.#postTrees(jobs) : messages.flatMap((own) => this.#postTrees(own));
  }

  #postTrees(jobs: readonly Job[]): readonly Unposted[] {
    const batch = this.#encoder.encode(jobs, this.#inFlight);
    let transfer: unknown[] | undefined;
    let isSharing = false;
    for (const job of jobs) {
      if (job.shared !== undefined) isSharing = true;
      if (job.transfer !== undefined) transfer = [...(transfer ?? []), ...job.transfer];
      if (job.highWaterMark !== undefined || job.streams !== undefined) this.#openCredit(job);
    }
    try {
      if (isSharing) this.#share(jobs);
      this.#session.post({ type: 'run', ...batch }, transfer as never);
      return NONE;
    } catch (error) {
      this.#encoder.forget(batch);
      for (const job of jobs) {
        this.#credits.close(job.slot);
        this.#inFlight.vacate(job);
      }
      if (jobs.length === 1) return [{ job: jobs[0]!, error: unsent(jobs[0]!, error) }];
      return jobs.flatMap((job) => this.#postTrees([job]));
    }
  }

  /** Called when the worker has ended. */
  clear(): void {
    this.#copies?.clear();
  }

  /** Accounts for the waits of a job that emits or reads a stream. */
  #openCredit(job: Job): void {
    this.#session.ledger.openCredit(job.slot);
    // A call of an actor needs no concurrency slot.
    const hasSlot = job.place?.lane.actor === undefined;
    const pauses = this.#credits.open(job.slot, job.highWaterMark?.values ?? Number.POSITIVE_INFINITY, hasSlot);
    if (job.dependents !== undefined) this.#inFlight.follow(job.dependents, pauses);
  }

  #share(jobs: readonly Job[]): void {
    this.#copies ??= new SharedCopies(this.#session);
    this.#copies.sendFor(jobs);
  }

  #attach(job: Job): void {
    this.#session.post({ type: 'attach', slot: this.#inFlight.occupy(job), id: job.id });
  }
}

/** Explains why the arguments of a job could not be posted. */
function unsent({ args, transfer }: Job, cause: unknown): unknown {
  if (isInstance(cause, SerializationError)) return cause;
  if (transfer === undefined || cause instanceof NoBytesError) return explainUnclonable(args, 'arguments', cause);
  return explainUnmovable(args, 'arguments', transfer, cause);
}
