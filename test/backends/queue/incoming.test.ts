/** Messages of the servers, as the scheduler receives them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Incoming } from '../../../src/backends/queue/incoming.js';
import { QueueLedger } from '../../../src/backends/queue/ledger.js';
import { PendingFutures } from '../../../src/backends/queue/pending.js';
import { Reports } from '../../../src/backends/queue/reports.js';
import { Sender } from '../../../src/backends/queue/sender.js';
import { CLAIMED, DONE } from '../../../src/protocol/ledger.js';
import { type FromWorker, REPORT_FULFILLED, REPORT_SKIPPED } from '../../../src/protocol/messages.js';
import { outcomeNow } from '../../../src/protocol/queue/messages.js';
import { toText } from '../../../src/protocol/queue/value-text.js';

describe('Incoming', () => {
  const published: FromWorker[] = [];
  const lookedUp: number[] = [];
  let pending: PendingFutures;
  let ledger: QueueLedger;
  let incoming: Incoming;
  beforeEach(() => {
    published.length = 0;
    lookedUp.length = 0;
    pending = new PendingFutures();
    ledger = new QueueLedger(10);
    const publish = (message: FromWorker) => void published.push(message);
    incoming = new Incoming({
      pending,
      ledger,
      sender: new Sender({ send: () => {}, isWanted: () => true }),
      reports: new Reports(pending, publish),
      publish,
      lookUp: (ids) => void lookedUp.push(...ids),
    });
    const node = { id: 7, attempt: 2, name: 'task', from: -1, steps: ['task'] };
    pending.register({ slots: [3], nodes: [node], priority: 0, args: [], contexts: undefined });
  });

  const outcome = (attempt = 2, more = {}) => ({
    ...outcomeNow(7, attempt, REPORT_FULFILLED, toText('value')),
    ...more,
  });
  const report = (kind: number, value: unknown) => ({ type: 'reports', cells: [3, kind], values: [value], busy: 0 });

  it('a start is noted in the ledger', () => {
    incoming.receive([{ type: 'started', id: 7, at: 50 }]);
    expect([ledger.stateOf(3), ledger.startedAt(3)]).toEqual([CLAIMED, 50]);
  });

  it('an outcome is reported once', () => {
    incoming.receive([outcome(), outcome()]);
    expect(published).toEqual([report(REPORT_FULFILLED, 'value')]);
    expect([ledger.stateOf(3), pending.size]).toEqual([DONE, 0]);
  });

  it('an outcome of another attempt is ignored', () => {
    incoming.receive([outcome(1)]);
    expect([published, pending.size]).toEqual([[], 1]);
  });

  it('a task that never ran is skipped, because its upstream task settles it', () => {
    incoming.receive([outcome(2, { skipped: true })]);
    expect(published).toEqual([report(REPORT_SKIPPED, undefined)]);
  });

  it('an outcome without a payload is looked up', () => {
    incoming.receive([outcome(2, { payload: undefined })]);
    expect([published, lookedUp, pending.size]).toEqual([[], [7], 1]);
  });

  it('stream values that arrive twice are emitted once', () => {
    const values = (first: number, ...all: number[]) =>
      ({ type: 'values', id: 7, first, values: toText(all) }) as const;
    incoming.receive([values(0, 1, 2), values(0, 1, 2), { ...values(2, 3), bytes: 8, creditLeft: 5 }]);
    expect(published).toEqual([
      { type: 'values', slot: 3, values: [1, 2], bytes: 0 },
      { type: 'values', slot: 3, values: [3], bytes: 8, creditLeft: 5 },
    ]);
  });

  it('a stored outcome of a stream waits for the values before it', () => {
    incoming.receive([outcome(2, { emitted: 1 })]);
    expect(published).toEqual([]);
    incoming.receive([{ type: 'values', id: 7, first: 0, values: toText([1]) }, outcome(2, { emitted: 1 })]);
    expect(published.map(({ type }) => type)).toEqual(['values', 'reports']);
  });

  it('a message about a future that is not pending is ignored', () => {
    incoming.receive([
      { type: 'progress', id: 8, value: toText(1) },
      { type: 'started', id: 8, at: 1 },
    ]);
    expect(published).toEqual([]);
  });
});
