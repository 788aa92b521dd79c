import { expect, it } from 'vitest';
import { NO_UPSTREAM, writeJob } from '../../src/protocol/job-layout.js';
import { UnstartedJobs } from '../../src/worker/unstarted-jobs.js';

/** Returns unstarted jobs with the ids 10 in slot 0, and 11 in slot 1. */
function arrive(): UnstartedJobs {
  const cells: number[] = [];
  for (const slot of [0, 1])
    writeJob(cells, { id: 10 + slot, attempt: 1, steps: [{ key: 1 }], highWaterMark: undefined }, slot, NO_UPSTREAM, 0);
  const jobs = new UnstartedJobs();
  jobs.add(cells);
  return jobs;
}

it('a job that has not started can be cancelled, and the others stay', () => {
  const jobs = arrive();
  expect(jobs.cancel(1, 11)).toBe(true);
  expect(jobs.isCancelled(1)).toBe(true);
  expect(jobs.isCancelled(0)).toBe(false);
});

it('a job that has started can’t be cancelled here', () => {
  const jobs = arrive();
  jobs.remove(1);
  expect(jobs.cancel(1, 11)).toBe(false);
  expect(jobs.isCancelled(1)).toBe(false);
});

it('a cancel for the last job of a slot does not cancel the next job in the slot', () => {
  const jobs = arrive();
  expect(jobs.cancel(1, 7)).toBe(false);
  expect(jobs.isCancelled(1)).toBe(false);
});
