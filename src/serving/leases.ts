/**
 * The leases of a server on its jobs.
 *
 * The claim of a job lasts for `lostAfter`, and the transport renews it in time. A server whose
 * process was stopped for longer sees by its own clock that its claims have expired, before it asks
 * the queue.
 */

import { performance } from '#platform/time';
import type { Rules } from '../protocol/queue/lost-jobs.js';
import type { ServerConnection } from '../protocol/queue/transport.js';

/** The knowledge of this server, by its own clock, about its lock on a job. */
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

type NotesConnection = Pick<ServerConnection, 'noteRetries' | 'noteStep'>;

export class Leases {
  readonly #connection: NotesConnection;
  readonly #rules: Rules;
  /** Held jobs, by their ids. */
  readonly #held = new Map<string, Held>();

  constructor(connection: NotesConnection, rules: Rules) {
    this.#connection = connection;
    this.#rules = rules;
  }

  /**
   * Called when a job was claimed with a token. `lose` is called when another server
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
      retrying: (id) => noted(this.#connection.noteRetries(job, token, [id])),
      stepped: (id, count, value) => noted(this.#connection.noteStep(job, token, id, count, value)),
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
