/** The fourth step of a scheduling pass: an idle worker receives jobs of the fullest worker. */
import { describe, expect, it } from 'vitest';
import type { FakeJob } from '../../support/fake-job.js';
import type { FakeWorker } from '../../support/fake-worker.js';
import { Scheduler, type SchedulerOptions } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

interface Pair {
  readonly scheduler: Scheduler;
  /** Has a, b, c, d and e, and runs a. */
  readonly busy: FakeWorker;
  /** Has f, g, h, i and j. */
  readonly other: FakeWorker;
  readonly a: FakeJob;
  readonly b: FakeJob;
  readonly c: FakeJob;
  readonly d: FakeJob;
  readonly e: FakeJob;
  /** The other worker reports all of its jobs, so that it is idle. */
  idle(): void;
}

function openPair(pace: number, options: SchedulerOptions = {}): Pair {
  const scheduler = new Scheduler({ maxWorkers: 2, ...options });
  const [busy, other] = scheduler.start(2, pace);
  const [a, b, c, d, e, ...rest] = scheduler.send('a b c d e f g h i j');
  busy.claims(a);
  busy.log.length = 0;
  other.log.length = 0;
  return { scheduler, busy, other, a, b, c, d, e, idle: () => other.fulfils(...rest) };
}

describe('the steal step', () => {
  it('an idle worker receives the newest half of the surplus, in its old order', () => {
    const { other, idle } = openPair(1);
    idle();
    expect(other.log).toEqual(['run d e']);
  });

  it('an idle worker steals again until the surplus is used up', () => {
    const { other, idle, d, e } = openPair(1);
    idle();
    other.fulfils(d, e);
    expect(other.log).toEqual(['run d e', 'run c']);
  });

  it('jobs from the first claimed one on stay where they are', () => {
    const { other, idle, busy, b, c, d } = openPair(1);
    for (const job of [b, c, d]) busy.claims(job);
    idle();
    expect(other.log).toEqual(['run e']);
  });

  it('nothing is stolen if the worker claims the last job first', () => {
    const { other, idle, busy, b, c, d, e } = openPair(1);
    for (const job of [b, c, d, e]) busy.claims(job);
    idle();
    expect(other.log).toEqual([]);
  });

  it('a surplus that is worth 0.5 ms or less is not stolen', () => {
    const { other, idle } = openPair(0.125);
    idle();
    expect(other.log).toEqual([]);
  });

  it('a short surplus is stolen 11 ms later if no report has come', () => {
    const { other, idle } = openPair(0.125);
    idle();
    pass(10);
    expect(other.log).toEqual([]);
    pass(1);
    expect(other.log).toEqual(['run d e']);
  });

  it('a surplus that was reported in time is not stolen by the timer', () => {
    const { other, idle, busy, a, b, c, d, e } = openPair(0.125);
    idle();
    busy.fulfils(a, b, c, d, e);
    pass(1_000);
    expect(other.log).toEqual([]);
  });

  it('the timer checks again as long as the surplus looks short', () => {
    const { other, idle, busy, a, b } = openPair(0.125);
    idle();
    pass(5);
    busy.fulfils(a);
    busy.claims(b);
    pass(6);
    expect(other.log).toEqual([]);
    pass(11);
    expect(other.log).toEqual(['run d e']);
  });

  it('an idle worker receives jobs of the fullest of several workers', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    const [u, v, w] = scheduler.start(3, 1);
    const [a, b, c, d, e, f, g] = scheduler.send('a b c d e f g');
    for (const [worker, job] of [[u, a], [v, d]] as const) worker.claims(job); // biome-ignore format: pairs
    w.fulfils(f, g);
    expect([w.log, c.worker?.name, e.worker?.name, b.worker?.name]).toEqual([
      ['run f g', 'run c'],
      w.name,
      v.name,
      u.name,
    ]);
  });

  it('an idle worker steals no more than maxTasksPerWorker leaves', () => {
    const { other, idle } = openPair(1, { maxTasksPerWorker: 7 });
    idle();
    expect(other.log).toEqual(['run e']);
  });

  it('a worker steals nothing while it has as many jobs as it can start', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [a, , , d, e] = scheduler.send('a b c d e');
    v.claims(a);
    w.fulfils(d);
    expect(w.log).toEqual(['run d e']);
    w.fulfils(e);
    expect(w.log).toEqual(['run d e', 'run c']);
  });

  // A known fault: dependents count as surplus. So each idle worker steals the tree from the one
  // before, in every pass, until a worker has claimed the root job.
  it('a job tree stays on its worker while the other workers are idle', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    const workers = scheduler.start(3, 1);
    const [a] = scheduler.submit('a');
    scheduler.make('b', { upstream: a });
    endTick();
    expect(workers.map(({ log }) => log)).toEqual([['run a(b)'], [], []]);
  });

  it('a new worker steals one job as soon as it is ready, because its pace is unknown', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v] = scheduler.start(1, 1);
    const [a] = scheduler.send('a b c d e');
    v.claims(a);
    scheduler.workers[1]!.ready();
    expect(scheduler.workers[1]!.log).toEqual(['run e']);
  });
});
