/** Reports the outcomes of jobs to the scheduler, by the slots of the jobs. */
import { setImmediate } from '#platform/time';
import { type FromWorker, REPORT_REJECTED } from '../../protocol/messages.js';
import type { NodeData } from '../../protocol/queue/job-data.js';
import { encodeError } from '../../protocol/wire-error.js';
import type { PendingFutures } from './pending.js';

export interface Report {
  readonly slot: number;
  readonly kind: number;
  readonly value: unknown;
}

export class Reports {
  readonly #pending: PendingFutures;
  readonly #publish: (message: FromWorker) => void;

  constructor(pending: PendingFutures, publish: (message: FromWorker) => void) {
    this.#pending = pending;
    this.#publish = publish;
  }

  send(reports: readonly Report[]): void {
    if (reports.length === 0) return;
    const cells = reports.flatMap(({ slot, kind }) => [slot, kind]);
    this.#publish({ type: 'reports', cells, values: reports.map(({ value }) => value), busy: 0 });
  }

  /** Rejects a future, unless it is no longer pending. */
  refuse(id: number, error: unknown): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    const value = encodeError(error);
    this.send(pending.slots.map((slot) => ({ slot, kind: REPORT_REJECTED, value })));
  }

  refuseLater(nodes: readonly NodeData[], error: unknown): void {
    setImmediate(() => {
      for (const { id } of nodes) this.refuse(id, error);
    });
  }
}
