/**
 * The hold that a machine has on its jobs. A lock in Redis lasts for `lostAfter`, and is renewed in time by BullMQ. A machine that was stopped for
 * longer sees by its own clock, before it asks Redis, that its locks are gone.
 */
import { performance } from '../../platform/time.js';
import type { JobNotes } from '../wire/job-notes.js';
import type { Rules } from '../wire/lost-jobs.js';
import type { Lease } from './served-tree.js';

interface Held {
  readonly token: string;
  /** By performance.now(). */
  renewedAt: number;
  lose(): void;
}

export class Leases {
  readonly #notes: JobNotes;
  readonly #rules: Rules;
  /** By the ids of jobs. */
  readonly #held = new Map<string, Held>();

  constructor(notes: JobNotes, rules: Rules) {
    this.#notes = notes;
    this.#rules = rules;
  }

  /** A job was taken, with the token of its lock. `lose` is called when another machine may have it. */
  take(job: string, token: string, lose: () => void): Lease {
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

  /** The job may be here again by now, with another token. */
  end(job: string, token: string): void {
    if (this.#held.get(job)?.token === token) this.#held.delete(job);
  }
}
