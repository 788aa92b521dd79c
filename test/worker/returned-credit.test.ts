import { describe, expect, it } from 'vitest';
import { type CreditCells, Ledger, NO_CREDIT_CELLS } from '../../src/protocol/ledger.js';
import { OutgoingStream } from '../../src/protocol/stream/outgoing-stream.js';
import { ReturnedCredit } from '../../src/worker/returned-credit.js';

const SLOT = 2;

/** A stream that has used its credit of 4, and a function that collects and sends its values. */
function fullStream(bytes = Number.POSITIVE_INFINITY) {
  const sent: unknown[][] = [];
  const outgoing = new OutgoingStream({ values: 4, bytes }, (values, _bytes, creditLeft) =>
    sent.push([...values, { creditLeft }]),
  );
  for (let i = 0; i < 4 && !outgoing.isFull; i++) outgoing.add('value');
  outgoing.flush(() => {});
  return { outgoing, sent };
}

describe('the returned credit', () => {
  it('credit in the cell lets the stream go on at once, and nothing is awaited', () => {
    const ledger = new Ledger();
    ledger.addCredit(SLOT, 2);
    const { outgoing } = fullStream();
    expect(new ReturnedCredit(ledger, SLOT).refill(outgoing)).toBe(true);
    expect(outgoing.isFull).toBe(false);
    expect(ledger.addCredit(SLOT, 1), 'the next credit goes to the cell').toBe(true);
  });

  it('a stream without credit waits, and the next credit is a message', () => {
    const ledger = new Ledger();
    const { outgoing } = fullStream();
    expect(new ReturnedCredit(ledger, SLOT).refill(outgoing)).toBe(false);
    expect(ledger.addCredit(SLOT, 1)).toBe(false);
  });

  it('credit that arrives while the stream polls, or a moment after it, is taken', () => {
    for (const reads of [5, Number.POSITIVE_INFINITY]) {
      const ledger = new Ledger();
      let left = reads;
      const cells: CreditCells = {
        takeCredit: (slot) => {
          if (--left === 0) ledger.addCredit(slot, 1);
          return ledger.takeCredit(slot);
        },
        awaitCredit: (slot) => {
          ledger.addCredit(slot, 1);
          return ledger.awaitCredit(slot);
        },
      };
      const { outgoing } = fullStream();
      expect(new ReturnedCredit(cells, SLOT).refill(outgoing)).toBe(true);
    }
  });

  it('a stream that is still too many bytes ahead says so once, and waits', () => {
    const ledger = new Ledger();
    const { outgoing, sent } = fullStream(1);
    outgoing.granted(0);
    sent.length = 0;
    expect(new ReturnedCredit(ledger, SLOT).refill(outgoing)).toBe(false);
    expect(sent).toEqual([[{ creditLeft: 3 }]]);
    expect(new ReturnedCredit(ledger, SLOT).refill(outgoing)).toBe(false);
    expect(sent).toHaveLength(1);
  });

  it('a stream without cells waits for a message', () => {
    const { outgoing } = fullStream();
    expect(new ReturnedCredit(NO_CREDIT_CELLS, SLOT).refill(outgoing)).toBe(false);
    outgoing.granted(1);
    expect(new ReturnedCredit(NO_CREDIT_CELLS, SLOT).refill(outgoing)).toBe(true);
  });
});
