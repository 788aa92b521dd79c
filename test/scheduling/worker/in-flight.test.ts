/** Jobs in flight to a worker: which of them can be revoked, and how many dependents follow. */
import { describe, expect, it } from 'vitest';
import { Ledger } from '../../../src/protocol/ledger.js';
import type { Job, JobWorker } from '../../../src/scheduling/job/job.js';
import { advanceJob, GONE } from '../../../src/scheduling/job/job-state.js';
import { InFlight } from '../../../src/scheduling/worker/in-flight.js';

const worker = { name: 'worker' } as JobWorker;

function makeJob(dependents: number, isRoot = true): Job {
  const job = { hasArgs: isRoot, transfer: undefined, state: 1, isTimed: false, dependents: undefined };
  if (dependents > 1) Object.assign(job, { dependents: [makeJob(dependents - 1, false)] });
  return job as unknown as Job;
}

function send(inFlight: InFlight, job: Job): void {
  inFlight.occupy(job);
  for (const dependent of job.dependents ?? []) send(inFlight, dependent);
}

describe('InFlight', () => {
  it('revokeNewest() revokes the newest root jobs first, each with its dependents', () => {
    const inFlight = new InFlight(worker, new Ledger());
    const jobs = [makeJob(3), makeJob(3), makeJob(3)];
    for (const job of jobs) send(inFlight, job);
    expect(inFlight.revokeNewest(2)).toEqual([jobs[2], jobs[1]]);
    expect(inFlight.count).toBe(3);
  });

  it('revokeNewest() revokes no more jobs than the other worker has room for, except in the last job tree', () => {
    const inFlight = new InFlight(worker, new Ledger());
    const jobs = Array.from({ length: 10 }, () => makeJob(4));
    for (const job of jobs) send(inFlight, job);
    expect(inFlight.revokeNewest(10, undefined, 9)).toHaveLength(3);
    expect(inFlight.revokeNewest(10, undefined, 1)).toHaveLength(1);
    expect(inFlight.revokeNewest(10, undefined, 0)).toHaveLength(0);
  });

  it('a revoked job keeps its slot until the worker has reported it', () => {
    const inFlight = new InFlight(worker, new Ledger());
    const job = makeJob(1);
    const before = inFlight.freeSlots;
    send(inFlight, job);
    const { slot } = job;
    expect(inFlight.revoke(job)).toBe(true);
    expect(inFlight.freeSlots).toBe(before - 1);
    expect(inFlight.reported(slot)).toBeUndefined();
    expect(inFlight.freeSlots).toBe(before);
  });

  it('running() returns the jobs that have started, also those that were cancelled and have not stopped', () => {
    const ledger = new Ledger();
    const inFlight = new InFlight({ ...worker, hasClaimed: () => true }, ledger);
    const [waiting, running, cancelled, ended] = [makeJob(1), makeJob(1), makeJob(1), makeJob(1)];
    for (const job of [waiting, running, cancelled, ended]) send(inFlight, job);
    for (const job of [running, cancelled, ended]) ledger.claim(job.slot, 0);
    advanceJob(cancelled, GONE);
    inFlight.stop(cancelled);
    ledger.finish(ended.slot);
    expect(inFlight.running()).toEqual([running, cancelled]);
    inFlight.reported(cancelled.slot);
    expect(inFlight.running()).toEqual([running]);
  });

  it('haveAllStarted is true if only dependents of started jobs have not started', () => {
    const ledger = new Ledger();
    const inFlight = new InFlight(worker, ledger);
    const jobs = [makeJob(1), makeJob(3)];
    for (const job of jobs) send(inFlight, job);
    ledger.claim(jobs[1]!.slot, 0);
    expect(inFlight.haveAllStarted).toBe(false);
    ledger.claim(jobs[0]!.slot, 0);
    expect(inFlight.haveAllStarted).toBe(true);
  });
});
