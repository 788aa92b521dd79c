import { describe, expect, it } from 'vitest';
import { QueueLedger } from '../../../src/backends/queue/ledger.js';
import { CLAIMED, DONE, UNCLAIMED } from '../../../src/protocol/ledger.js';

describe('the ledger of a queue client', () => {
  it('a slot is unclaimed, then claimed, then done, as the messages of the servers say', () => {
    const ledger = new QueueLedger(10);
    const states: number[] = [];
    ledger.open(3);
    states.push(ledger.stateOf(3));
    ledger.started(3, 100);
    states.push(ledger.stateOf(3));
    ledger.ended(3, 101, 200);
    states.push(ledger.stateOf(3));
    expect(states).toEqual([UNCLAIMED, CLAIMED, DONE]);
    expect([ledger.startedAt(3), ledger.endedAt(3)]).toEqual([101, 200]);
  });

  it('a slot that is opened again is unclaimed', () => {
    const ledger = new QueueLedger(10);
    ledger.ended(3, 1, 2);
    ledger.open(3);
    expect([ledger.stateOf(3), ledger.stateOf(4)]).toEqual([UNCLAIMED, UNCLAIMED]);
  });

  it('the ledger has room for paused streams and cancelled jobs besides the places of the client', () => {
    expect(new QueueLedger(10).size).toBeGreaterThan(10_000);
  });
});
