import { expect, it } from 'vitest';
import { UnsharedLedger } from '../../src/backends/unshared-ledger.js';

class Noted extends UnsharedLedger {
  readonly size = 4;
  open(slot: number): void {
    this.starts[slot] = 100;
  }
  upstreamSettled(): void {}
  stateOf(): number {
    return 0;
  }
  endedAt(): number {
    return 0;
  }
}

it('a ledger without shared memory revokes nothing, and knows only the starts that were noted', () => {
  const ledger = new Noted();
  ledger.open(1);
  ledger.stop();
  expect([ledger.revoke(), ledger.startedAt(0), ledger.startedAt(1)]).toEqual([false, 0, 100]);
});
