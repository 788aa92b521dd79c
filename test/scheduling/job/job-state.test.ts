/** The states of a job, and the moves between them. */
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../src/scheduling/job/job.js';
import {
  advanceJob,
  GONE,
  jobStateName,
  mayAdvance,
  QUEUED,
  SENT,
  WAITING,
} from '../../../src/scheduling/job/job-state.js';

const states = [WAITING, QUEUED, SENT, GONE];

describe('the states of a job', () => {
  it('a job has these moves and no others', () => {
    const moves = states.flatMap((from) =>
      states.filter((to) => mayAdvance(from, to)).map((to) => `${jobStateName(from)} → ${jobStateName(to)}`),
    );
    expect(moves).toEqual([
      'waiting → queued',
      'waiting → sent',
      'waiting → gone',
      'queued → sent',
      'queued → gone',
      'sent → waiting',
      'sent → gone',
      'gone → waiting',
    ]);
  });

  it('advanceJob() throws if the job has no such move, and the job keeps its state', () => {
    const job = { id: 17, state: GONE } as Job;
    expect(() => advanceJob(job, SENT)).toThrow(
      'Job 17 can\'t move from "gone" to "sent". Report this as a bug in rx-futures.',
    );
    expect(job.state).toBe(GONE);
    advanceJob(job, WAITING);
    expect(job.state).toBe(WAITING);
  });
});
