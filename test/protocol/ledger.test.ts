import { once } from 'node:events';
import { setImmediate as aTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLAIMED, DONE, LEDGER_CELLS, Ledger, REVOKED, UNCLAIMED } from '../../src/protocol/ledger.js';

describe('the ledger', () => {
  it('a worker cannot claim a job that the main thread has revoked', () => {
    const { main, worker } = sides();
    main.open(3);
    expect(main.revoke(3)).toBe(true);
    expect(worker.claim(3, 0)).toBe(false);
    expect(main.stateOf(3)).toBe(REVOKED);
  });

  it('the main thread cannot revoke a job that the worker has claimed', () => {
    const { main, worker } = sides();
    main.open(3);
    expect(worker.claim(3, 0)).toBe(true);
    expect(main.revoke(3)).toBe(false);
    expect(main.stateOf(3)).toBe(CLAIMED);
    worker.finish(3);
    expect(main.revoke(3)).toBe(false);
    expect(main.stateOf(3)).toBe(DONE);
  });

  it('a job is claimed or revoked at most once', () => {
    const { main, worker } = sides();
    main.open(0);
    expect([worker.claim(0, 0), worker.claim(0, 0)]).toEqual([true, false]);
    main.open(1);
    expect([main.revoke(1), main.revoke(1)]).toEqual([true, false]);
  });

  it('a cell that is used again keeps nothing of its last job', () => {
    const { main, worker } = sides();
    main.open(7);
    main.revoke(7);
    main.open(7);
    expect(main.stateOf(7)).toBe(UNCLAIMED);
    expect(worker.claim(7, 0)).toBe(true);
  });

  it('startedAt() returns the start of a job on the clock that all threads share', () => {
    const { main, worker } = sides();
    main.open(2);
    worker.claim(2, 1_234);
    expect(main.startedAt(2)).toBe(performance.timeOrigin + 1_234);
  });

  it('a page that the main thread adds is the same memory on the worker', () => {
    const { main, worker } = sides();
    const page = main.extend();
    worker.add(page);
    worker.add(page);
    expect([main.size, worker.size]).toEqual([2 * LEDGER_CELLS, 2 * LEDGER_CELLS]);
    const [slot, before] = [LEDGER_CELLS + 3, 3];
    main.open(before);
    main.open(slot);
    expect([worker.claim(slot, 5), main.revoke(slot)]).toEqual([true, false]);
    expect([main.stateOf(slot), main.stateOf(before)]).toEqual([CLAIMED, UNCLAIMED]);
    expect(main.startedAt(slot)).toBe(performance.timeOrigin + 5);
    main.stop(slot);
    expect(worker.isStopped(slot)).toBe(true);
    worker.markCancelRead(slot);
    expect([main.hasReadCancel(slot), main.hasReadCancel(before)]).toEqual([true, false]);
    worker.finish(slot);
    expect([main.stateOf(slot), main.stateOf(before)]).toEqual([DONE, UNCLAIMED]);
  });

  it('a stream takes the credit that its reader has returned, and nothing of the stream before it', () => {
    const { main, worker } = sides();
    main.openCredit(4);
    expect(worker.takeCredit(4)).toBe(0);
    expect([main.addCredit(4, 2), main.addCredit(4, 3)]).toEqual([true, true]);
    expect([worker.takeCredit(4), worker.takeCredit(4)]).toEqual([5, 0]);
    main.addCredit(4, 1);
    main.openCredit(4);
    expect(worker.takeCredit(4)).toBe(0);
  });

  it('a stream that waits for a message receives the next credit as one, and later credit in its cell', () => {
    const { main, worker } = sides();
    main.openCredit(4);
    expect(worker.awaitCredit(4)).toBe(true);
    expect([main.addCredit(4, 2), main.addCredit(4, 3)]).toEqual([false, true]);
    expect(worker.awaitCredit(4), 'there is credit').toBe(false);
    expect(worker.takeCredit(4)).toBe(3);
  });

  it('credit arrives once, in a message or in its cell, and a stream that waits always receives a message', () => {
    const call = fc.tuple(fc.constantFrom('add', 'add', 'take', 'await'), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(call), (calls) => {
        const { main, worker } = sides();
        main.openCredit(1);
        let [added, received, waits] = [0, 0, false];
        for (const [verb, count] of calls) {
          if (verb === 'add') {
            added += count;
            const isMessage = !main.addCredit(1, count);
            expect(isMessage).toBe(waits);
            if (isMessage) received += count;
            waits = false;
          } else if (waits) continue;
          else if (verb === 'take') received += worker.takeCredit(1)!;
          else waits = worker.awaitCredit(1);
        }
        if (!waits) received += worker.takeCredit(1)!;
        expect(received).toBe(added);
      }),
    );
  });

  it('each job has exactly one winner, in any order of calls', () => {
    const call = fc.tuple(fc.constantFrom('claim', 'revoke'), fc.nat({ max: 3 }));
    fc.assert(
      fc.property(fc.array(call), (calls) => {
        const { main, worker } = sides();
        const winners = new Map<number, number>();
        for (let slot = 0; slot <= 3; slot++) main.open(slot);
        for (const [verb, slot] of calls) {
          const hasWon = verb === 'claim' ? worker.claim(slot, 0) : main.revoke(slot);
          if (hasWon) winners.set(slot, (winners.get(slot) ?? 0) + 1);
        }
        for (const [, slot] of calls) expect(winners.get(slot)).toBe(1);
      }),
    );
  });

  it('each job has exactly one winner if both sides run on their own threads', async () => {
    const { main } = sides();
    const started = new Int32Array(new SharedArrayBuffer(4));
    const thread = new Worker(CLAIM_ALL, {
      eval: true,
      workerData: { cells: new Int32Array(main.buffer, 0, LEDGER_CELLS), started, UNCLAIMED, CLAIMED },
    });
    for (let slot = 0; slot < LEDGER_CELLS; slot++) main.open(slot);
    const answer = once(thread, 'message');
    await once(thread, 'online');
    // The wait has a limit, because the thread may need this one before its code runs.
    Atomics.wait(started, 0, 0, 1_000);
    let revoked = 0;
    for (let slot = LEDGER_CELLS - 1; slot >= 0; slot--) if (main.revoke(slot)) revoked++;
    const [claimed] = await answer;
    expect(claimed + revoked).toBe(LEDGER_CELLS);
    const states = Array.from({ length: LEDGER_CELLS }, (_, slot) => main.stateOf(slot));
    expect(states.filter((state) => state === CLAIMED)).toHaveLength(claimed);
    expect(states.filter((state) => state === REVOKED)).toHaveLength(revoked);
  });

  it('no credit is lost if both sides run on their own threads', async () => {
    const { main } = sides();
    main.openCredit(0);
    const cells = new Int32Array(main.buffer, main.buffer.byteLength - 4 * LEDGER_CELLS, 1);
    const total = 100_000;
    const thread = new Worker(TAKE_CREDIT, { eval: true, workerData: { cells, total } });
    const ended = once(thread, 'exit');
    let messages = 0;
    thread.on('message', () => messages++);
    await once(thread, 'online');
    for (let i = 0; i < total; i++) {
      if (!main.addCredit(0, 1)) thread.postMessage(1);
      // The thread shall find the cell empty sometimes.
      if (i % 1_000 === 0) await aTurn();
    }
    await ended;
    expect(messages).toBe(1);
  });
});

/**
 * Takes credit from a cell until it has all, as a worker does, and then ends. The thread can't
 * import the class, which is TypeScript.
 */
const TAKE_CREDIT = `
  const { workerData: { cells, total }, parentPort } = require('node:worker_threads');
  let received = 0;
  const take = () => {
    for (;;) {
      if (Atomics.load(cells, 0) > 0) received += Atomics.exchange(cells, 0, 0);
      else if (received < total && Atomics.compareExchange(cells, 0, 0, -1) === 0) return;
      if (received === total) {
        parentPort.postMessage('all');
        parentPort.close();
        return;
      }
    }
  };
  parentPort.on('message', (count) => {
    received += count;
    take();
  });
  take();
`;

/**
 * Claims all cells in ascending order, as a worker does. The thread can't import the class, which
 * is TypeScript.
 */
const CLAIM_ALL = `
  const { workerData: { cells, started, UNCLAIMED, CLAIMED }, parentPort } = require('node:worker_threads');
  Atomics.store(started, 0, 1);
  Atomics.notify(started, 0);
  let claimed = 0;
  for (let slot = 0; slot < cells.length; slot++)
    if (Atomics.compareExchange(cells, slot, UNCLAIMED, CLAIMED) === UNCLAIMED) claimed++;
  parentPort.postMessage(claimed);
`;

/** The ledgers of both sides, on one buffer. */
function sides(): { readonly main: Ledger; readonly worker: Ledger } {
  const main = new Ledger();
  return { main, worker: new Ledger(main.buffer) };
}
