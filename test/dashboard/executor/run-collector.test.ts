import { Deferred } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { RunCollector } from '../../../src/dashboard/executor/run-collector.js';
import { CANCELLED, CELLS_PER_RUN, FAILED, RETRIED, type Runs } from '../../../src/dashboard/frames.js';

const worker = { name: 'crew-1' };

/** A run whose future the test settles. */
function makeRun(name = 'parse') {
  const work = new Deferred<unknown>(name);
  work.future._observe();
  const run = {
    task: { name, steps: [{ name }] },
    worker,
    attempt: 1,
    source: undefined as unknown,
    future: work.future,
    id: work.future.id,
    waitedUntil: () => 1,
  };
  return { work, run: run as typeof run & any };
}

/** Reports the end of a run, as the recorder does. */
function end(collector: RunCollector, run: any, startedAt: number, endedAt: number, waited: number): void {
  if (collector.ended(run)) collector.ran(run, startedAt, endedAt, waited);
}

const statuses = ({ cells }: Runs) => cells.filter((_, i) => i % CELLS_PER_RUN === 6);

describe('the collector', () => {
  it('a function counts its tasks by how they end', () => {
    const collector = new RunCollector();
    const ends = [
      (work: Deferred<unknown>) => work.resolve(1),
      (work: Deferred<unknown>) => work.reject(new Error('lost')),
      (work: Deferred<unknown>) => work.cancel(),
    ];
    for (const settle of ends) {
      const { run, work } = makeRun();
      collector.submitted(run);
      end(collector, run, 100, 103, 2);
      settle(work);
      collector.settled(run);
    }
    expect(collector.functions.rows()).toMatchObject([
      { name: 'parse', known: 3, fulfilled: 1, rejected: 1, cancelled: 1, run: { count: 3, p50: 3 }, wait: { p50: 2 } },
    ]);
    expect(collector.countOf(worker).done).toBe(3);
  });

  it('a run that fails is drawn as a failure, and one that is repeated as a retry', () => {
    const collector = new RunCollector();
    const [failed, retried] = [makeRun(), makeRun()];
    for (const { run } of [failed, retried]) end(collector, run, 100, 101, 0);
    failed.work.reject(new Error('lost'));
    collector.settled(failed.run);
    collector.retried(retried.run);
    expect(statuses(collector.sample.take(0))).toEqual([FAILED, RETRIED]);
    expect(collector.functions.rows()).toMatchObject([{ rejected: 1, retried: 1 }]);
  });

  it('all runs are counted, and a part of them is passed with its times', () => {
    const collector = new RunCollector();
    const { run, work } = makeRun();
    let passed = 0;
    for (let id = 1; id <= 100_000; id++) {
      collector.submitted(run);
      if (!collector.ended({ ...run, id })) continue;
      collector.ran({ ...run, id }, 100, 103, 2);
      passed++;
    }
    work.resolve(1);
    collector.settled(run);
    expect(collector.functions.rows()).toMatchObject([{ known: 100_000, fulfilled: 1 }]);
    expect(collector.countOf(worker).done).toBe(100_000);
    expect(passed).toBeGreaterThan(200);
    expect(passed).toBeLessThan(10_000);
  });

  it('a running task that is cancelled is drawn from its start until then', () => {
    const collector = new RunCollector();
    const { run, work } = makeRun();
    collector.running = [{ id: run.id, name: 'parse', worker: 'crew-1', startedAt: 5, attempt: 1, trouble: undefined }];
    work.cancel();
    collector.settled(run);
    const { cells } = collector.sample.take(0);
    expect(cells.slice(2, 3)).toEqual([5]);
    expect(cells[6]).toBe(CANCELLED);
  });

  it('a task that never ran is not drawn', () => {
    const collector = new RunCollector();
    const { run, work } = makeRun();
    work.cancel();
    collector.settled(run);
    expect(collector.sample.take(0)).toMatchObject({ seen: 0, cells: [] });
  });
});
