/** The load of one worker. Time is virtual. */
import { describe, expect, it } from 'vitest';
import { MAX_TREE_SIZE } from '../../../src/scheduling/job/job-tree.js';
import { Load } from '../../../src/scheduling/worker/load.js';
import { OVERDUE_AFTER_MS, Window } from '../../../src/scheduling/worker/window.js';
import { pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

function open({ concurrency = 1, count = 0, held = 0, calls = 0, paused = 0, freeSlots = 1_000 } = {}) {
  const surplus = (contending: number, room: number) => Math.max(0, contending - room);
  const inFlight = { count, held, calls, freeSlots, surplus };
  const credits = { paused };
  const load = new Load(new Window(concurrency), inFlight as never, credits as never);
  load.wake();
  return { load, inFlight };
}

describe('the load of a worker', () => {
  it('paused streams, held jobs and jobs of actors do not contend for a concurrency slot', () => {
    expect(open({ count: 9, held: 2, calls: 2, paused: 1 }).load.contending).toBe(4);
  });

  it('a worker is silent if it has sent no message for 10 ms after the last job', () => {
    const { load } = open({ count: 2, calls: 1 });
    load.reported('w-1', 10, 10);
    pass(OVERDUE_AFTER_MS);
    expect(load.isSilent()).toBe(false);
    load.sent();
    pass(OVERDUE_AFTER_MS);
    expect([load.isOverdue(), load.isSilent()]).toEqual([true, false]);
    pass(1);
    expect(load.isSilent()).toBe(true);
  });

  it('a silent worker gets twice as long after each suspicion, until it has run a job', () => {
    const { load } = open({ count: 2, calls: 1 });
    const silentAfter = () => {
      load.sent();
      for (let ms = 1; ; ms++) {
        pass(1);
        if (load.isSilent()) return ms - 1;
      }
    };
    const times = [silentAfter()];
    load.suspected();
    times.push(silentAfter());
    load.suspected();
    load.reported('w-1', 0, 0);
    times.push(silentAfter());
    load.reported('w-1', 1, 1);
    times.push(silentAfter());
    expect(times).toEqual([1, 2, 4, 1].map((factor) => factor * OVERDUE_AFTER_MS));
  });

  it('the room is what is missing to the limit, and held jobs take only room of the prefetch', () => {
    const { load } = open({ concurrency: 2, count: 4, held: 3 });
    expect([load.limit, load.contending, load.room]).toEqual([2, 1, 1]);
    load.reported('w-1', 10, 10);
    expect([load.limit, load.room]).toEqual([7, 3]);
  });

  it('the slots that one large tree may need are never given away', () => {
    const { load } = open({ concurrency: 8, freeSlots: MAX_TREE_SIZE + 3 });
    expect([load.freeSlots, load.room]).toEqual([3, 3]);
  });

  it('a worker whose cancelled task keeps a slot receives nothing ahead', () => {
    const { load } = open();
    load.reported('w-1', 10, 10);
    expect(load.limit).toBe(6);
    load.mayPrefetch = false;
    expect(load.limit).toBe(1);
  });

  it('a worker is overdue if a job contends for a slot and it sends no message for twice the prefetch', () => {
    const { load } = open({ count: 1 });
    load.reported('w-1', 10, 10);
    pass(OVERDUE_AFTER_MS);
    expect(load.isOverdue()).toBe(false);
    pass(1);
    expect([load.isOverdue(), load.limit]).toEqual([true, 1]);
    load.streamed();
    expect(load.isOverdue()).toBe(false);
  });

  it('a worker without a contending job is never overdue', () => {
    const { load } = open({ count: 1, paused: 1 });
    pass(10 * OVERDUE_AFTER_MS);
    expect(load.isOverdue()).toBe(false);
  });

  it('a worker is idle from its last message on, and not while a job is in flight', () => {
    const { load, inFlight } = open();
    load.reported('w-1', 1, 1);
    pass(100);
    expect([load.isIdleFor(100), load.isIdleFor(101)]).toEqual([true, false]);
    inFlight.count = 1;
    expect(load.isIdleFor(100)).toBe(false);
  });

  it('the first jobs after an idle time start the clock again, and further jobs do not', () => {
    const { load, inFlight } = open();
    pass(100);
    load.wake();
    inFlight.count = 1;
    pass(OVERDUE_AFTER_MS + 1);
    load.wake();
    expect(load.isOverdue()).toBe(true);
  });

  it('the busy time is the sum of what the reports say', () => {
    const { load } = open();
    load.reported('w-1', 1, 2);
    load.reported('w-1', 3, 4);
    expect(load.busyTime).toBe(6);
  });
});
