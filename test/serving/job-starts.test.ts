import { describe, expect, it } from 'vitest';
import { JobStarts, type SharedJobHost } from '../../src/serving/job-starts.js';

/** A job whose notes are answered at once, and whose trees end when the test says so. */
function makeJob(count: number, changes: Partial<SharedJobHost> = {}) {
  const notes: number[] = [];
  const running: ((ms: number) => void)[] = [];
  const host: SharedJobHost = {
    count,
    noted: 0,
    note: async (started) => {
      notes.push(started);
      return true;
    },
    mayStart: () => true,
    start: (_index, ended) => void running.push(ended),
    ...changes,
  };
  return { host, notes, running };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('JobStarts', () => {
  it('trees of 1 ms are noted ahead for one round trip, beside those that can run', async () => {
    const { host, notes, running } = makeJob(100);
    void new JobStarts(2).run(host);
    await turn();
    // Two slots, and 1 ms of work for each of them.
    expect(notes).toEqual([4]);
    running[0]!(1);
    await turn();
    expect(notes).toEqual([4, 5]);
  });

  it('a server notes at most 24 trees ahead, for all of its jobs together', async () => {
    const starts = new JobStarts(2);
    const quick = makeJob(60, { start: (_index, ended) => ended(0) });
    expect(await starts.run(quick.host)).toBe('ended');
    const [first, second] = [makeJob(10), makeJob(60)];
    void starts.run(first.host);
    void starts.run(second.host);
    await turn();
    expect([first.notes, second.notes]).toEqual([[10], [16]]);
  });

  it('a job whose lock is lost starts no tree without a note', async () => {
    const { host, running } = makeJob(10, { note: async () => false });
    expect(await new JobStarts(2).run(host)).toBe('lost');
    expect(running).toHaveLength(0);
  });

  it.each<[string, Partial<SharedJobHost>]>([
    ['a note that fails', { note: async () => Promise.reject(new Error('refused')) }],
    [
      'a tree that cannot be started',
      {
        start: () => {
          throw new Error('refused');
        },
      },
    ],
  ])('%s rejects its job, and the next job has the same room', async (_name, changes) => {
    const starts = new JobStarts(2);
    await expect(starts.run(makeJob(1, changes).host)).rejects.toThrow('refused');
    const next = makeJob(100);
    void starts.run(next.host);
    await turn();
    expect(next.notes).toEqual([4]);
  });
});
