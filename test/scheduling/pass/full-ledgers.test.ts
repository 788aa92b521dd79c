/** Before a scheduling pass, the ledgers of workers whose jobs all wait are extended. */
import { describe, expect, it } from 'vitest';
import { extendFull, isAnyFull, SLOTS_FOR_TASKS } from '../../../src/scheduling/pass/full-ledgers.js';
import type { Worker } from '../../../src/scheduling/worker/worker.js';

function makeWorker(freeSlots: number, haveAllStarted: boolean) {
  const worker = {
    load: { freeSlots },
    inFlight: { haveAllStarted },
    extended: 0,
    extendLedger: () => worker.extended++,
  };
  return worker;
}

const extend = (worker: ReturnType<typeof makeWorker>) => {
  const workers = [worker as unknown as Worker];
  extendFull(workers);
  return [isAnyFull(workers), worker.extended];
};

describe('the ledgers that are full', () => {
  it('a full ledger is extended if all jobs that could start have started', () => {
    expect(extend(makeWorker(SLOTS_FOR_TASKS, true))).toEqual([true, 1]);
  });

  it('the full ledger of a worker with jobs that have not started is not extended', () => {
    expect(extend(makeWorker(0, false))).toEqual([true, 0]);
  });

  it('a ledger with free slots is not extended', () => {
    expect(extend(makeWorker(SLOTS_FOR_TASKS + 1, true))).toEqual([false, 0]);
  });
});
