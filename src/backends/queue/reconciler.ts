/**
 * The client's periodic check of the queue, for futures whose outcome no message reports.
 *
 * A job can vanish or end without a report in several ways:
 *
 *   - It is removed by hand, or the queue deletes it to free memory.
 *   - A worker of another program processes it.
 *   - The queue restarts without persistence.
 *   - Its server is lost, and no other server is running.
 *
 * In each case the reconciler settles the job's futures, so that they do not stay pending forever.
 * It also finds the futures of other clients for `attach`.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { clearInterval, setInterval } from '#platform/time';
import { chunks, MAX_KEYS } from '../../protocol/queue/chunks.js';
import type { OutcomeMessage } from '../../protocol/queue/messages.js';
import type { ClientConnection, FutureLookup, JobState } from '../../protocol/queue/transport.js';
import { settleLost } from './settle-lost.js';

/** Interval in ms between two checks. */
const CHECK_INTERVAL = 2_500;
/**
 * Pause in ms before `find` looks for a future a second time. A client may hold a submitted task
 * for up to 60 ms before it sends the task (`SLOW_AFTER` and `MAX_HOLD` in sender.ts).
 */
const FIND_RETRY_DELAY = 100;

/** A pending future whose job was added to the queue. */
export interface UnsettledFuture extends FutureLookup {
  readonly isAttached: boolean;
}

/** The part of the connection that the reconciler uses. */
export type ReconcilerConnection = Pick<
  ClientConnection,
  'isReady' | 'outcomes' | 'storeOutcomes' | 'jobs' | 'findLost' | 'rules' | 'expireNotes' | 'explainMissing'
>;

export interface ReconcilerHost {
  /** All pending futures, by their ids. */
  readonly awaited: ReadonlyMap<number, unknown>;
  /** Returns undefined for a future that is not pending, or whose job was not added yet. */
  unsettled(id: number): UnsettledFuture | undefined;
  settled(outcomes: readonly OutcomeMessage[]): void;
  refused(id: number, error: Error): void;
}

export class Reconciler {
  readonly #connection: ReconcilerConnection;
  readonly #host: ReconcilerHost;
  readonly #timer: NodeJS.Timeout;
  /**
   * Futures whose job was missing at the last check. The value is true if it was missing when the
   * connection was restored. Their outcomes may still be on the way, in the inbox or from a server
   * that has not reconnected yet. They are rejected only if the next check finds the same.
   */
  #suspects = new Map<number, boolean>();
  /**
   * The futures of the current lap, and the number of those that were checked. A lap consists of
   * all futures that were pending when the lap started. Each check covers a thousand of them.
   */
  #lap: readonly number[] = [];
  #position = 0;
  #isChecking = false;

  constructor(connection: ReconcilerConnection, host: ReconcilerHost) {
    this.#connection = connection;
    this.#host = host;
    this.#timer = setInterval(() => void this.#check().catch(() => {}), CHECK_INTERVAL).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Settles the futures whose outcomes the queue has stored. */
  async outcomes(ids: readonly number[]): Promise<void> {
    this.#host.settled(await this.#connection.outcomes(ids));
  }

  /**
   * Looks for a future that another client has submitted. Returns false if the future was never
   * submitted, or if its outcome has expired.
   */
  async find(id: number): Promise<boolean> {
    if (await this.#isThere(id)) return true;
    await sleep(FIND_RETRY_DELAY);
    return this.#isThere(id);
  }

  async #isThere(id: number): Promise<boolean> {
    await this.outcomes([id]);
    if (!this.#host.awaited.has(id)) return true;
    const found = (await this.#connection.jobs([{ id, job: undefined }])).get(id)!;
    if (found.isNoted || found.state === 'awaited') return true;
    // The future may have settled between the two look-ups.
    await this.outcomes([id]);
    return !this.#host.awaited.has(id);
  }

  /** Called when the connection was restored. The queue may have lost its data. */
  async reconnected(): Promise<void> {
    const unsettled = this.#unsettled([...this.#host.awaited.keys()]);
    for (const some of chunks(unsettled)) {
      for (const id of (await this.#missing(some)).keys()) this.#suspects.set(id, true);
    }
  }

  async #check(): Promise<void> {
    if (this.#isChecking || !this.#connection.isReady) return;
    this.#isChecking = true;
    try {
      const suspects = this.#suspects;
      this.#suspects = new Map();
      for (const some of chunks(this.#unsettled([...suspects.keys()])))
        this.#refuseAll(await this.#missing(some), suspects);
      const next = this.#unsettled(this.#next()).filter(({ id }) => !suspects.has(id));
      // The servers were asked to report attached futures to this client. A server may have died
      // before it received that request.
      await this.outcomes(next.flatMap(({ id, isAttached }) => (isAttached ? [id] : [])));
      for (const id of (await this.#missing(next)).keys()) this.#suspects.set(id, false);
    } finally {
      this.#isChecking = false;
    }
  }

  #next(): readonly number[] {
    if (this.#position >= this.#lap.length) {
      this.#lap = [...this.#host.awaited.keys()];
      this.#position = 0;
    }
    this.#position += MAX_KEYS;
    return this.#lap.slice(this.#position - MAX_KEYS, this.#position);
  }

  #unsettled(ids: readonly number[]): UnsettledFuture[] {
    return ids.flatMap((id) => this.#host.unsettled(id) ?? []);
  }

  #refuseAll(missing: ReadonlyMap<number, JobState>, suspects: ReadonlyMap<number, boolean>): void {
    for (const [id, state] of missing)
      this.#host.refused(id, this.#connection.explainMissing(state, suspects.get(id) === true));
    if (missing.size > 0) void this.#connection.expireNotes([...missing.keys()]).catch(() => {});
  }

  /** Settles the futures of jobs whose server is lost, because no other server may be running. */
  async #settleLost(states: ReadonlyMap<number, JobState>): Promise<void> {
    const claimed = [...states.values()].filter(({ state, wasClaimed }) => state === 'awaited' && wasClaimed);
    const ended = await settleLost(this.#connection, new Set(claimed.map(({ job }) => job)));
    await this.outcomes(ended.filter((id) => this.#host.awaited.has(id)));
  }

  /** Returns the futures whose outcome is unknown, and whose job has ended or is missing. */
  async #missing(unsettled: readonly UnsettledFuture[]): Promise<Map<number, JobState>> {
    const states = await this.#connection.jobs(unsettled);
    await this.#settleLost(states);
    const missing = new Map([...states].filter(([, { state }]) => state !== 'awaited'));
    await this.outcomes([...missing.keys()]);
    for (const id of missing.keys()) if (!this.#host.awaited.has(id)) missing.delete(id);
    return missing;
  }
}
