/** Everything that waits for a worker. Time is virtual. */
import { describe, expect, it } from 'vitest';
import { advanceJob, GONE } from '../../../src/scheduling/job/job-state.js';
import { Backlog } from '../../../src/scheduling/queue/backlog.js';
import { FakeJob } from '../../support/fake-job.js';
import { withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

function open(limit?: { count: number; interval: number }) {
  const backlog = new Backlog(limit, () => {});
  let lastId = 0;
  const add = (name: string, key?: string): FakeJob => {
    const job = new FakeJob(++lastId, name);
    if (key !== undefined) {
      const lane = backlog.lanes.of(key);
      job.place = lane.join();
      lane.push(job);
    }
    backlog.add(job);
    return job;
  };
  const names = () => [...backlog].map((job) => (job as FakeJob).name).join(' ');
  return { backlog, add, names };
}

describe('Backlog', () => {
  it('a job waits in the queue, or in the lane of its key', () => {
    const { backlog, add, names } = open();
    add('x');
    add('a1', 'ann');
    add('a2', 'ann');
    add('y');
    expect([backlog.queue.size, backlog.lanes.queued, backlog.size]).toEqual([2, 2, 4]);
    expect(names()).toBe('x y a1 a2');
  });

  it('a job behind another one of its key is not startable', () => {
    const { backlog, add } = open();
    add('a1', 'ann');
    add('a2', 'ann');
    add('x');
    expect([backlog.startable, backlog.demand]).toEqual([2, 2]);
  });

  it('a pause leaves nothing startable, so no worker is started for it', () => {
    const { backlog, add } = open();
    add('x');
    backlog.isPaused = true;
    expect([backlog.startsAllowed, backlog.startable, backlog.demand, backlog.size]).toEqual([0, 0, 0, 1]);
  });

  it('a rate limit allows as many starts as it has room', () => {
    const { backlog, add } = open({ count: 2, interval: 100 });
    for (const name of ['x', 'y', 'z']) add(name);
    expect([backlog.startsAllowed, backlog.startable]).toEqual([2, 2]);
  });

  it('a job that is put back is the first one again, in the queue or in its lane', () => {
    const { backlog, add, names } = open();
    add('x');
    add('y');
    const first = backlog.queue.take()!;
    backlog.putBack(first);
    expect(names()).toBe('x y');
    const keyed = add('a1', 'ann');
    add('a2', 'ann');
    const lane = backlog.lanes.of('ann');
    expect(lane.take()).toBe(keyed);
    backlog.lanes.forget();
    backlog.putBack(keyed);
    expect(names()).toBe('x y a1 a2');
  });

  it('a cancelled job is not counted any more', () => {
    const { backlog, add } = open();
    for (const job of [add('x'), add('a1', 'ann')]) {
      advanceJob(job, GONE);
      backlog.forget(job);
    }
    expect([backlog.size, backlog.queue.size, backlog.lanes.queued]).toEqual([0, 0, 0]);
  });
});
