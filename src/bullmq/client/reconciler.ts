/**
 * Asks Redis for what nobody has told: of futures that others have submitted, and of those whose jobs are gone. A job may be removed by hand,
 * be evicted, or be taken by a worker that is none of ours; a Redis that keeps nothing may come back without it; its machine may
 * be lost, and be the only one. Whoever waits for it hears of that, instead of nothing.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerDiedError } from '../../errors.js';
import { clearInterval, setInterval } from '../../platform/time.js';
import { chunks, MOST_KEYS } from '../wire/chunks.js';
import type { End } from '../wire/messages.js';
import type { ClientLink, JobState, Wanted } from './link.js';

/** ms between two looks. */
const LOOK_EVERY = 2_500;
/** ms after which somebody else's future is looked for once more: a client keeps what it submits for some 50 ms at most. */
const NOT_YET = 100;

/** A future that is waited for, and that Redis has. */
export interface Waiting extends Wanted {
  readonly isAttached: boolean;
}

/** Where it asks. */
export type Asked = Pick<ClientLink, 'isReady' | 'ends' | 'jobs' | 'endLost' | 'forget'>;

export interface ReconcilerHost {
  readonly queue: string;
  /** All that are waited for, by their ids. */
  readonly awaited: ReadonlyMap<number, unknown>;
  /** Undefined for one that Redis has not, or not yet. */
  waiting(id: number): Waiting | undefined;
  ended(ends: readonly End[]): void;
  refused(id: number, error: Error): void;
}

export class Reconciler {
  readonly #link: Asked;
  readonly #host: ReconcilerHost;
  readonly #timer: NodeJS.Timeout;
  /**
   * Whose jobs were not there when they were asked for last, and whether that was when Redis came back. Their ends may be on the way, in the
   * inbox or from a machine that has yet to find Redis again: so they are refused when that is so at the next look too.
   */
  #suspects = new Map<number, boolean>();
  /** Those that are asked for in this lap, and how many were. A lap is all there were at its beginning, a thousand at a look. */
  #lap: readonly number[] = [];
  #asked = 0;
  #isLooking = false;

  constructor(link: Asked, host: ReconcilerHost) {
    this.#link = link;
    this.#host = host;
    this.#timer = setInterval(() => void this.#look().catch(() => {}), LOOK_EVERY).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Tells of those that have ended, as far as that is kept. */
  async ends(ids: readonly number[]): Promise<void> {
    this.#host.ended(await this.#link.ends(ids));
  }

  /** A future that somebody else has submitted. False where there is none: it was never submitted, or its end has expired. */
  async find(id: number): Promise<boolean> {
    if (await this.#isThere(id)) return true;
    await sleep(NOT_YET);
    return this.#isThere(id);
  }

  async #isThere(id: number): Promise<boolean> {
    await this.ends([id]);
    if (!this.#host.awaited.has(id)) return true;
    const found = (await this.#link.jobs([{ id, job: undefined }])).get(id)!;
    if (found.isNoted || found.phase === 'awaited') return true;
    // It may have ended between the two looks.
    await this.ends([id]);
    return !this.#host.awaited.has(id);
  }

  /** Redis was away, and may have come back without what it had. */
  async cameBack(): Promise<void> {
    const waiting = this.#waiting([...this.#host.awaited.keys()]);
    for (const some of chunks(waiting)) {
      for (const id of (await this.#missing(some)).keys()) this.#suspects.set(id, true);
    }
  }

  async #look(): Promise<void> {
    if (this.#isLooking || !this.#link.isReady) return;
    this.#isLooking = true;
    try {
      const suspects = this.#suspects;
      this.#suspects = new Map();
      for (const some of chunks(this.#waiting([...suspects.keys()])))
        this.#refuseAll(await this.#missing(some), suspects);
      const next = this.#waiting(this.#next()).filter(({ id }) => !suspects.has(id));
      // Whoever has the tasks of others was asked to tell us, and may have died of it.
      await this.ends(next.flatMap(({ id, isAttached }) => (isAttached ? [id] : [])));
      for (const id of (await this.#missing(next)).keys()) this.#suspects.set(id, false);
    } finally {
      this.#isLooking = false;
    }
  }

  #next(): readonly number[] {
    if (this.#asked >= this.#lap.length) {
      this.#lap = [...this.#host.awaited.keys()];
      this.#asked = 0;
    }
    this.#asked += MOST_KEYS;
    return this.#lap.slice(this.#asked - MOST_KEYS, this.#asked);
  }

  #waiting(ids: readonly number[]): Waiting[] {
    return ids.flatMap((id) => this.#host.waiting(id) ?? []);
  }

  #refuseAll(missing: ReadonlyMap<number, JobState>, suspects: ReadonlyMap<number, boolean>): void {
    for (const [id, state] of missing) this.#host.refused(id, this.#why(state, suspects.get(id) === true));
    if (missing.size > 0) void this.#link.forget([...missing.keys()]).catch(() => {});
  }

  #why({ job, phase, failure }: JobState, sinceItCameBack: boolean): WorkerDiedError {
    const { queue } = this.#host;
    if (sinceItCameBack) {
      return died(
        'Redis has come back without the task: it may have run or not, and its end is not told. Let Redis keep its data (appendonly yes).',
      );
    }
    if (phase === 'gone') {
      const why = `Its job, ${job}, is gone from the queue ${queue}: it was removed by hand, or by a Redis that evicts`;
      return died(`${why} (maxmemory-policy, expected noeviction). The task may have run or not.`);
    }
    const what = failure === undefined ? 'ended' : `failed (${failure})`;
    const why = `Its job, ${job}, has ${what} without word of the task`;
    return died(`${why}. Does anything but serveTasks() take jobs of the queue ${queue}?`);
  }

  /** Their machines may be lost, and there may be no other one that tells of it. */
  async #endLost(states: ReadonlyMap<number, JobState>): Promise<void> {
    const taken = [...states.values()].filter(({ phase, wasTaken }) => phase === 'awaited' && wasTaken);
    const ended = await this.#link.endLost(new Set(taken.map(({ job }) => job)));
    await this.ends(ended.filter((id) => this.#host.awaited.has(id)));
  }

  /** Of these, those whose end is not known, and that nobody has any more. */
  async #missing(waiting: readonly Waiting[]): Promise<Map<number, JobState>> {
    const states = await this.#link.jobs(waiting);
    await this.#endLost(states);
    const missing = new Map([...states].filter(([, { phase }]) => phase !== 'awaited'));
    await this.ends([...missing.keys()]);
    for (const id of missing.keys()) if (!this.#host.awaited.has(id)) missing.delete(id);
    return missing;
  }
}

function died(message: string): WorkerDiedError {
  return new WorkerDiedError(message, { workerName: 'unknown' });
}
