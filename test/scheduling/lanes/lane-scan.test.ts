/** Jobs with keys that a worker has not started: which are counted, and which are revoked. */
import { describe, expect, it } from 'vitest';
import { Lane } from '../../../src/scheduling/lanes/lane.js';
import { countUnclaimed, revokeUnclaimed, type SentJobs } from '../../../src/scheduling/lanes/lane-scan.js';
import { FakeJob } from '../../support/fake-job.js';

/** Jobs of the given keys, oldest first. `claimed` are the ids of those that have started. */
function sent(keys: readonly (string | undefined)[], claimed: readonly number[] = []) {
  const lanes = new Map<string, Lane>();
  const revoked: number[] = [];
  const jobs = keys.map((key, id) => {
    const job = new FakeJob(id, 'job');
    if (key === undefined) return job;
    if (!lanes.has(key)) lanes.set(key, new Lane(key, () => {}));
    job.place = lanes.get(key)!.join();
    return job;
  });
  const scan: SentJobs = {
    rootJobs: () => jobs,
    isUnclaimed: ({ id }) => !claimed.includes(id),
    revoke: ({ id }) => revoked.push(id) > 0,
  };
  return { scan, revoked, lanes };
}

const ALL = { most: Number.POSITIVE_INFINITY, room: Number.POSITIVE_INFINITY, isWanted: () => true };

describe('the scan of a worker’s jobs', () => {
  it('all jobs of a key count as one', () => {
    expect(countUnclaimed(sent(['ann', 'ann', 'bob', undefined]).scan)).toEqual({ trees: 3, jobs: 3 });
  });

  it('a key of which a job has started does not count, and is marked', () => {
    const { scan, lanes } = sent(['ann', 'ann', undefined], [0]);
    expect(countUnclaimed(scan)).toEqual({ trees: 1, jobs: 1 });
    expect(lanes.get('ann')?.isStarted).toBe(true);
  });

  it('a started job does not hide older jobs that wait for their key', () => {
    const { scan, revoked } = sent(['ann', 'ann', undefined], [0, 2]);
    revokeUnclaimed(scan, ALL);
    expect(revoked).toEqual([1]);
  });

  it('a key leaves as a whole, although the limit is one job tree', () => {
    const { scan, revoked } = sent(['ann', 'bob', 'ann', 'bob']);
    revokeUnclaimed(scan, { ...ALL, most: 1 });
    expect(revoked).toEqual([3, 1]);
  });

  it('a job of a key that stays keeps the older ones of that key', () => {
    const { scan, revoked } = sent(['ann', 'ann', 'ann']);
    revokeUnclaimed(scan, { ...ALL, isWanted: ({ id }) => id !== 1 });
    expect(revoked).toEqual([2]);
  });
});
