/** A lane: which job of a key may be sent next. */
import { describe, expect, it } from 'vitest';
import { advanceJob, GONE, QUEUED } from '../../../src/scheduling/job/job-state.js';
import { isHoldable } from '../../../src/scheduling/job/job-tree.js';
import { Lane, placeOf } from '../../../src/scheduling/lanes/lane.js';
import { FakeJob } from '../../support/fake-job.js';

/** A lane with `count` jobs, which are queued. */
function laneWith(count: number): { lane: Lane; jobs: FakeJob[] } {
  const lane = new Lane('ann', () => {});
  const jobs = Array.from({ length: count }, (_, id) => {
    const job = new FakeJob(id, 'job');
    job.place = lane.join();
    lane.push(job);
    advanceJob(job, QUEUED);
    return job;
  });
  return { lane, jobs };
}

describe('Lane', () => {
  it('jobs leave in the order in which they joined', () => {
    const { lane, jobs } = laneWith(3);
    expect([lane.take(), lane.take(), lane.take()]).toEqual(jobs);
    expect(lane.next).toBeUndefined();
  });

  it('a job that is not queued blocks those behind it', () => {
    const lane = new Lane('ann', () => {});
    const [first, second] = [new FakeJob(1, 'job'), new FakeJob(2, 'job')];
    for (const job of [first, second]) {
      job.place = lane.join();
      lane.push(job);
    }
    advanceJob(second, QUEUED);
    expect(lane.next).toBeUndefined();
    advanceJob(first, QUEUED);
    expect(lane.next).toBe(first);
  });

  it('a job that returns is before all others', () => {
    const { lane, jobs } = laneWith(3);
    const first = lane.take();
    lane.unshift(first);
    expect([...lane]).toEqual(jobs);
    expect(lane.next).toBe(first);
  });

  it('a cancelled job is skipped', () => {
    const { lane, jobs } = laneWith(2);
    advanceJob(jobs[0]!, GONE);
    lane.forget();
    expect(lane.next).toBe(jobs[1]);
  });

  it('cancelled jobs are removed when many of them wait behind the first job', () => {
    const { lane, jobs } = laneWith(5_000);
    for (const job of jobs.slice(1, 4_999)) {
      advanceJob(job, GONE);
      lane.forget();
    }
    expect([...lane].length).toBeLessThan(2_000);
    expect([...lane].filter(({ state }) => state === QUEUED)).toEqual([jobs[0], jobs[4_999]]);
  });

  it('nothing behind a job that may run again is sent before that job has settled', () => {
    const { lane, jobs } = laneWith(2);
    jobs[0]!.mayRunAgain = true;
    expect(lane.take()).toBe(jobs[0]);
    expect(lane.next).toBeUndefined();
    // The job has failed and returns.
    lane.unshift(jobs[0]!);
    expect(lane.next).toBe(jobs[0]);
    lane.take();
    expect(lane.barriers).toBe(1);
    lane.barriers--;
    expect(lane.next).toBe(jobs[1]);
  });

  it('all steps behind a job that may run again are part of the barrier', () => {
    const { lane, jobs } = laneWith(2);
    const step = new FakeJob(9, 'job', { upstream: jobs[0]! });
    step.place = lane.joinTree();
    step.mayRunAgain = true;
    lane.take();
    expect(lane.barriers).toBe(2);
    expect([jobs[0]!, step].every((job) => placeOf(job).isBarrier)).toBe(true);
  });

  it('a job may start only if it is the first one and no other job of the lane is in flight', () => {
    const { lane, jobs } = laneWith(2);
    expect(jobs.map((job) => lane.mayStart(job))).toEqual([true, false]);
    lane.take();
    expect(lane.mayStart(jobs[1]!)).toBe(false);
  });

  it('a worker may not hold a job tree, or a job with moved arguments', () => {
    const [alone, root] = [new FakeJob(1, 'job'), new FakeJob(2, 'job')];
    new FakeJob(3, 'job', { upstream: root });
    expect([alone, root, new FakeJob(4, 'job', { transfer: [] })].map(isHoldable)).toEqual([true, false, false]);
  });

  it('a lane is over when its jobs have settled and have left their worker', () => {
    const { lane } = laneWith(1);
    lane.take();
    lane.entered(true);
    lane.unsettled--;
    expect(lane.isOver).toBe(false);
    lane.left(true, true);
    expect(lane.isOver).toBe(true);
    expect(lane.isStarted).toBe(true);
  });
});
