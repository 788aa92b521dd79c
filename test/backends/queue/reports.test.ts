import { describe, expect, it } from 'vitest';
import { PendingFutures } from '../../../src/backends/queue/pending.js';
import { Reports } from '../../../src/backends/queue/reports.js';
import { type FromWorker, REPORT_FULFILLED, REPORT_REJECTED } from '../../../src/protocol/messages.js';
import { nextTurn, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

function open() {
  const pending = new PendingFutures();
  const messages: FromWorker[] = [];
  const reports = new Reports(pending, (message) => messages.push(message));
  return { pending, messages, reports };
}

describe('Reports', () => {
  it('the outcomes of one call are one message, in their order, and an empty list sends none', () => {
    const { messages, reports } = open();
    reports.send([]);
    reports.send([
      { slot: 3, kind: REPORT_FULFILLED, value: 'a' },
      { slot: 1, kind: REPORT_FULFILLED, value: 'b' },
    ]);
    const cells = [3, REPORT_FULFILLED, 1, REPORT_FULFILLED];
    expect(messages).toEqual([{ type: 'reports', cells, values: ['a', 'b'], busy: 0 }]);
  });

  it('a refused future is rejected once, in each slot that waits for it', () => {
    const { pending, messages, reports } = open();
    pending.attach({ type: 'attach', slot: 5, id: 7 });
    pending.attach({ type: 'attach', slot: 6, id: 7 });
    reports.refuse(7, new RangeError('odd'));
    reports.refuse(7, new RangeError('too late'));
    expect(messages).toMatchObject([{ cells: [5, REPORT_REJECTED, 6, REPORT_REJECTED] }]);
    expect(pending.size).toBe(0);
  });

  it('refuseLater() rejects in a later turn, unless an outcome arrives before', () => {
    const { pending, messages, reports } = open();
    for (const id of [7, 8]) pending.attach({ type: 'attach', slot: id, id });
    reports.refuseLater([{ id: 7 }, { id: 8 }] as never, new RangeError('odd'));
    expect(messages).toEqual([]);
    pending.delete(8);
    nextTurn();
    expect(messages).toMatchObject([{ cells: [7, REPORT_REJECTED] }]);
  });
});
