/** The phases of a job, and the moves between them. */
import { describe, expect, it } from 'vitest';
import { advanceJob, GONE, type Job, mayAdvance, phaseName, QUEUED, SENT, WAITING } from '../../src/scheduling/job.js';

const phases = [WAITING, QUEUED, SENT, GONE];

describe('the phases of a job', () => {
  it('a job has these moves and no others', () => {
    const moves = phases.flatMap((from) =>
      phases.filter((to) => mayAdvance(from, to)).map((to) => `${phaseName(from)} → ${phaseName(to)}`),
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

  it('advanceJob() throws if the job has no such move, and the job keeps its phase', () => {
    const job = { id: 17, phase: GONE } as Job;
    expect(() => advanceJob(job, SENT)).toThrow(
      'Job 17 can\'t move from "gone" to "sent". Report this as a bug in rx-futures.',
    );
    expect(job.phase).toBe(GONE);
    advanceJob(job, WAITING);
    expect(job.phase).toBe(WAITING);
  });
});
