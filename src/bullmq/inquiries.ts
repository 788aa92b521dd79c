/**
 * Asks Redis for what nobody has told: of futures that others have submitted, and of those whose jobs are gone. A job may be removed by hand,
 * be evicted, or be taken by a worker that is none of ours; a Redis that keeps nothing may come back without it. Whoever waits
 * for it hears of that, instead of nothing.
 */
import { WorkerDiedError } from '../errors.js';
import type { ClientLink, JobState } from './client-link.js';
import { decodeWords, type End } from './words.js';

/** ms between two looks. */
const LOOK_EVERY = 2_500;
/** Futures that are asked for in one. More take their turns. */
const MOST = 1_000;

/** Where it asks. */
export type Asked = Pick<ClientLink, 'isReady' | 'ends' | 'jobs' | 'forget'>;

export interface InquiryHost {
  readonly queue: string;
  /** Futures that are waited for, and that Redis has. */
  written(): Iterable<{ readonly id: number; readonly isAttached: boolean }>;
  isAwaited(id: number): boolean;
  ended(ends: readonly End[]): void;
  refused(id: number, error: Error): void;
}

export class Inquiries {
  readonly #link: Asked;
  readonly #host: InquiryHost;
  readonly #timer: NodeJS.Timeout;
  /** Whose jobs were not there at the last look: what ends is told before, but may be on its way here. */
  #suspects = new Set<number>();
  /** The last one that was asked for: ids grow, so the next ones are above it. */
  #last = 0;
  #isLooking = false;

  constructor(link: Asked, host: InquiryHost) {
    this.#link = link;
    this.#host = host;
    this.#timer = setInterval(() => void this.#look().catch(() => {}), LOOK_EVERY).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Tells of those that have ended, as far as that is kept. */
  async ends(ids: readonly number[]): Promise<void> {
    const kept = await this.#link.ends(ids);
    const found = kept.flatMap((text) => (text === null ? [] : decodeWords<End>(text)));
    // Anybody may write there. One without its payload would be asked for again, and again.
    this.#host.ended(found.filter(({ type, payload }) => type === 'ended' && payload !== undefined));
  }

  /** A future that somebody else has submitted. False where there is none: it was never submitted, or its end has expired. */
  async find(id: number): Promise<boolean> {
    await this.ends([id]);
    if (!this.#host.isAwaited(id)) return true;
    const found = (await this.#link.jobs([id])).get(id)!;
    if (found.isNoted || found.phase === 'awaited') return true;
    // It may have ended between the two looks.
    await this.ends([id]);
    return !this.#host.isAwaited(id);
  }

  /** Redis was away, and may have come back without what it had. */
  async refuseLost(): Promise<void> {
    const missing = await this.#missing(Array.from(this.#host.written(), ({ id }) => id));
    for (const id of missing.keys()) {
      this.#host.refused(
        id,
        died(
          'Redis has come back without the task: it may have run or not, and its end is not told. Let Redis keep its data (appendonly yes).',
        ),
      );
    }
  }

  async #look(): Promise<void> {
    if (this.#isLooking || !this.#link.isReady) return;
    this.#isLooking = true;
    try {
      const written = [...this.#host.written()];
      // Whoever has their tasks was asked to tell us, and may have died of it.
      const attached = written.flatMap(({ id, isAttached }) => (isAttached ? [id] : []));
      if (attached.length > 0) await this.ends(attached);
      const missing = await this.#missing(this.#turn(written.map(({ id }) => id)));
      this.#refuseAll(missing);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Those that are asked for this time: the suspects, and the next of the others. */
  #turn(ids: readonly number[]): number[] {
    const sorted = ids.filter((id) => !this.#suspects.has(id)).sort((a, b) => a - b);
    const start = sorted.findIndex((id) => id > this.#last);
    const next = start === -1 ? sorted.slice(0, MOST) : sorted.slice(start, start + MOST);
    this.#last = next.at(-1) ?? 0;
    return [...this.#suspects, ...next];
  }

  #refuseAll(missing: ReadonlyMap<number, JobState>): void {
    const known = this.#suspects;
    this.#suspects = new Set();
    const gone: number[] = [];
    for (const [id, { job, phase, failure }] of missing) {
      if (!known.has(id)) {
        this.#suspects.add(id);
        continue;
      }
      const { queue } = this.#host;
      if (phase === 'gone') {
        gone.push(id);
        const why = `Its job, ${job}, is gone from the queue ${queue}: it was removed by hand, or by a Redis that evicts`;
        this.#host.refused(id, died(`${why} (maxmemory-policy, expected noeviction). The task may have run or not.`));
      } else {
        const what = failure === undefined ? 'ended' : `failed (${failure})`;
        const why = `Its job, ${job}, has ${what} without word of the task`;
        this.#host.refused(id, died(`${why}. Does anything but serveTasks() take jobs of the queue ${queue}?`));
      }
    }
    if (gone.length > 0) void this.#link.forget(gone).catch(() => {});
  }

  /** Of these, those whose end is not known, and never will be. */
  async #missing(ids: readonly number[]): Promise<Map<number, JobState>> {
    const states = await this.#link.jobs(ids);
    const missing = new Map([...states].filter(([, { phase }]) => phase !== 'awaited'));
    if (missing.size > 0) await this.ends([...missing.keys()]);
    for (const id of missing.keys()) if (!this.#host.isAwaited(id)) missing.delete(id);
    return missing;
  }
}

function died(message: string): WorkerDiedError {
  return new WorkerDiedError(message, { workerName: 'unknown' });
}
