/**
 * The leases of a server on its jobs.
 *
 * A lock in Redis lasts for `lostAfter`, and BullMQ renews it in time. A server whose process was
 * stopped for longer sees by its own clock that its locks have expired, before it asks Redis.
 */
import { performance } from '../../platform/time.js';
import type { JobNotes } from '../wire/job-notes.js';
import type { Rules } from '../wire/lost-jobs.js';

/** The lease of this server on a job. */
export interface Lease {
  /** False if the lock has expired, so that another server may have the job. */
  readonly isHeld: boolean;
  /**
   * True if lost jobs run again. Finished steps are then noted, and a server that was taken for
   * lost cancels its run.
   */
  readonly isRerun: boolean;
  /** Notes that a future uses one retry. */
  retrying(id: number): void;
  /** Notes that `count` steps of a future have finished, and the value of the last one. */
  stepped(id: number, count: number, value: string): void;
}

interface Held {
  readonly token: string;
  /** performance.now() at the last renewal. */
  renewedAt: number;
  lose(): void;
}

export class Leases {
  readonly #notes: JobNotes;
  readonly #rules: Rules;
  /** Held jobs, by their ids. */
  readonly #held = new Map<string, Held>();

  constructor(notes: JobNotes, rules: Rules) {
    this.#notes = notes;
    this.#rules = rules;
  }

  /**
   * Called when a job was claimed with the token of its lock. `lose` is called when another server
   * may have the job.
   */
  claim(job: string, token: string, lose: () => void): Lease {
    const held: Held = { token, renewedAt: performance.now(), lose };
    const { lostAfter, rerunLost } = this.#rules;
    this.#held.set(job, held);
    const noted = (isOurs: Promise<boolean>): void => {
      isOurs.then(
        (ours) => ours || lose(),
        () => {},
      );
    };
    return {
      get isHeld() {
        return performance.now() - held.renewedAt < lostAfter;
      },
      isRerun: rerunLost > 0,
      retrying: (id) => noted(this.#notes.retry(job, token, [id])),
      stepped: (id, count, value) => noted(this.#notes.step(job, token, id, count, value)),
    };
  }

  renewed(jobs: readonly string[]): void {
    for (const job of jobs) {
      const held = this.#held.get(job);
      if (held !== undefined) held.renewedAt = performance.now();
    }
  }

  lost(jobs: readonly string[]): void {
    for (const job of jobs) this.#held.get(job)?.lose();
  }

  /** Ends the lease. Ignored if this server has claimed the job again with another token. */
  release(job: string, token: string): void {
    if (this.#held.get(job)?.token === token) this.#held.delete(job);
  }
}
