import { describe, expect, it, vi } from 'vitest';
import type { Downstream } from '../../src/worker/job-runner.js';
import { JobTreeRun } from '../../src/worker/job-tree-run.js';

type Outcome = unknown | Promise<unknown>;

/** Runs a tree: `from` has the upstream of each job, and `run` returns the outcome of a job. */
function open(from: number[], run: (job: number, args: readonly unknown[]) => Outcome) {
  const cells = from.flatMap((upstream, slot) => [slot, upstream, slot, 1, 1, 1, 1]);
  const log: unknown[] = [];
  const jobs = {
    now: 0,
    lacksSharedMemory: false,
    clear: vi.fn(() => true),
    skip(slot: number, downstream: Downstream) {
      log.push(`skipped ${slot}`);
      downstream.failed();
    },
    run(_cells: unknown, at: number, args: readonly unknown[], downstream: Downstream) {
      const job = cells[at]!;
      const settle = (value: unknown) => {
        if (value instanceof Error) downstream.failed();
        else log.push(`${job}: ${args.join()} → ${value}, read by a job: ${downstream.fulfilled(value)}`);
      };
      const made = run(job, args);
      if (made instanceof Promise) return made.then(settle);
      settle(made);
      return undefined;
    },
  };
  return { jobs, log, tree: new JobTreeRun(cells, 0, cells.length, ['argument'], jobs as never) };
}

const never = () => new Promise<void>(() => {});

describe('JobTreeRun', () => {
  it('each job receives the value of its upstream, in one synchronous run', () => {
    const { tree, log } = open([-1, 0, 0, 1], (job) => `value ${job}`);
    expect(tree.run(never)).toBe(undefined);
    expect(log).toEqual([
      '0: argument → value 0, read by a job: true',
      '1: value 0 → value 1, read by a job: true',
      '2: value 0 → value 2, read by a job: false',
      '3: value 1 → value 3, read by a job: false',
    ]);
  });

  it('the jobs behind an asynchronous one wait for it', async () => {
    let resolve = (_value: string) => {};
    const later = new Promise<string>((done) => {
      resolve = done;
    });
    const { tree, log } = open([-1, 0], (job) => (job === 0 ? later : 'end'));
    const done = tree.run(never);
    expect(log).toEqual([]);
    resolve('late');
    await done;
    expect(log.at(-1)).toBe('1: late → end, read by a job: false');
  });

  it('the dependents of a failed job are skipped, and the others run', () => {
    const { tree, log } = open([-1, 0, 1, 0], (job) => (job === 1 ? new Error('lost') : job));
    tree.run(never);
    expect(log).toEqual(['0: argument → 0, read by a job: true', 'skipped 2', '3: 0 → 3, read by a job: false']);
  });

  it('a tree whose reports are blocked continues when they have been sent', async () => {
    const { tree, jobs, log } = open([-1, 0], (job) => job);
    jobs.clear.mockReturnValueOnce(false);
    let unblock = () => {};
    const done = tree.run(
      () =>
        new Promise((resolve) => {
          unblock = resolve;
        }),
    );
    expect(log).toHaveLength(1);
    unblock();
    await done;
    expect(log).toHaveLength(2);
  });
});
