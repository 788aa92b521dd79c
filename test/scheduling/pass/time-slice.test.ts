/** Race 5 of docs/internals/batching.md: no scheduling pass after a time slice of reports. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { block, endTick, nextTurn, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('the time slice', () => {
  /** Sends many tiny jobs. A message of 64 reports starts the measurement. */
  function openBusy() {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1 / 32);
    const jobs = Array.from({ length: 400 }, () => scheduler.submitOne('a'));
    endTick();
    return { scheduler, w, jobs };
  }

  it('nothing is dispatched after 10 ms of reports, until the event loop has turned', () => {
    const { w, jobs } = openBusy();
    w.fulfils(...jobs.slice(0, 64));
    block(11);
    const before = w.log.length;
    w.fulfils(jobs[64]!);
    expect([w.log.length, jobs[64]!.history]).toEqual([before, ['fulfilled a']]);
    nextTurn();
    expect(w.log.length).toBe(before + 1);
  });

  it('a submit dispatches nothing either while the time slice is over', () => {
    const { scheduler, w, jobs } = openBusy();
    w.fulfils(...jobs.slice(0, 64));
    block(11);
    w.fulfils(jobs[64]!);
    const before = w.log.length;
    scheduler.send('urgent', { priority: 1 });
    expect(w.log.length).toBe(before);
    nextTurn();
    expect(w.log[before]).toMatch(/^run urgent /);
  });

  it('reports that take 10 ms or less dispatch at once', () => {
    const { w, jobs } = openBusy();
    w.fulfils(...jobs.slice(0, 64));
    block(10);
    const before = w.log.length;
    w.fulfils(jobs[64]!);
    expect(w.log.length).toBe(before + 1);
  });
});
