/** The jobs that may run on any worker, and those that may still move to another one. */
import { describe, expect, it } from 'vitest';
import { isMovable, isUnpinned, type JobWorker } from '../../../src/scheduling/job/job.js';
import { Lane } from '../../../src/scheduling/lanes/lane.js';
import { FakeJob } from '../../support/fake-job.js';

const worker = { name: 'w-1' } as JobWorker;

/** A job in the lane of a key. */
function jobOfKey(isStarted: boolean): FakeJob {
  const lane = new Lane(1, () => {});
  lane.isStarted = isStarted;
  const job = new FakeJob(1, 'a');
  job.place = lane.join();
  return job;
}

describe('a job', () => {
  it('a job without a pin and a key may run on any worker, and may move', () => {
    const job = new FakeJob(1, 'a');
    expect([isUnpinned(job), isMovable(job)]).toEqual([true, true]);
  });

  it('a part of a broadcast runs on its own worker, and may not move', () => {
    const job = new FakeJob(1, 'a', { pin: worker });
    expect([isUnpinned(job), isMovable(job)]).toEqual([false, false]);
  });

  it('a task of a key may move until a task of the key has started on its worker', () => {
    expect([isUnpinned(jobOfKey(false)), isMovable(jobOfKey(false))]).toEqual([true, true]);
    expect([isUnpinned(jobOfKey(true)), isMovable(jobOfKey(true))]).toEqual([true, false]);
  });
});
