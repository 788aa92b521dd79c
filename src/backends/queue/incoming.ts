/**
 * Converts messages from the servers to messages of a worker. Messages for a future that is not
 * pending are ignored.
 */
import { type FromWorker, REPORT_SKIPPED } from '../../protocol/messages.js';
import { type OutcomeMessage, payloadOf, type ToClient } from '../../protocol/queue/messages.js';
import { bytesIn, readText } from '../../protocol/queue/value-text.js';
import type { QueueLedger } from './ledger.js';
import type { PendingFuture, PendingFutures } from './pending.js';
import type { Report, Reports } from './reports.js';
import type { Sender } from './sender.js';

export interface IncomingHost {
  readonly pending: PendingFutures;
  readonly ledger: QueueLedger;
  readonly sender: Sender;
  readonly reports: Reports;
  publish(message: FromWorker): void;
  /** Looks up the stored outcomes of these futures, whose messages contain none. */
  lookUp(ids: readonly number[]): void;
}

export class Incoming {
  readonly #host: IncomingHost;

  constructor(host: IncomingHost) {
    this.#host = host;
  }

  receive(messages: readonly ToClient[]): void {
    const { ledger, sender } = this.#host;
    const reports: Report[] = [];
    const elsewhere: number[] = [];
    for (const message of messages) {
      const pending = this.#host.pending.get(message.id);
      if (pending === undefined) continue;
      switch (message.type) {
        case 'started':
          for (const slot of pending.slots) ledger.started(slot, message.at);
          sender.started();
          break;
        case 'progress': {
          const read = readText(message.value);
          for (const slot of pending.slots)
            if (read !== undefined) this.#host.publish({ type: 'progress', slot, ...read });
          break;
        }
        case 'values':
          this.#values(pending, message);
          break;
        case 'settled':
          if (message.payload === undefined) elsewhere.push(message.id);
          else reports.push(...this.#settled(pending, message));
          break;
        default:
          message satisfies never;
      }
    }
    this.#host.reports.send(reports);
    if (elsewhere.length > 0) this.#host.lookUp(elsewhere);
  }

  #values(pending: PendingFuture, { first, values, bytes = 0, creditLeft }: ToClient & { type: 'values' }): void {
    const all = readText(values)?.value;
    // `first` differs if the values were sent twice after a lost connection, or if the reader
    // attached too late. The length is checked because a sparse array may claim any length.
    if (!Array.isArray(all) || all.length > bytesIn(values) || first !== pending.arrived) return;
    pending.arrived += all.length;
    for (const slot of pending.slots) this.#host.publish({ type: 'values', slot, values: all, bytes, creditLeft });
  }

  #settled(pending: PendingFuture, end: OutcomeMessage): Report[] {
    const { id, kind, attempt, skipped, emitted = 0, started, ended } = end;
    const settledWith = payloadOf(end);
    // Ignores an outcome of another attempt. Also ignores a stored outcome of a stream whose values
    // have not all arrived: its message follows the values.
    const isCurrent = pending.attempt === undefined || pending.attempt === attempt;
    if (settledWith === undefined || !isCurrent || (!pending.isAttached && emitted > pending.arrived)) return [];
    this.#host.pending.delete(id);
    if (!pending.isAttached) this.#host.sender.observe(pending.name, Math.max(0, ended - started));
    return pending.slots.map((slot) => {
      this.#host.ledger.ended(slot, started, ended);
      // A skipped job is reported without an outcome. Its upstream future settles it. If the
      // upstream job runs again, this job runs again with it.
      if (skipped && slot === pending.own) return { slot, kind: REPORT_SKIPPED, value: undefined };
      return { slot, kind, ...settledWith };
    });
  }
}
