/**
 * Any sequence of submits, cancels, claims, reports and ends of workers. The other tests of this
 * folder show single races.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WAITING } from '../../src/scheduling/job/job-state.js';
import type { FakeJob } from '../support/fake-job.js';
import type { FakeWorker } from '../support/fake-worker.js';
import { Scheduler } from '../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../support/virtual-ticks.js';

withVirtualTicks();

type Command =
  | { readonly type: 'submit'; readonly priority: number; readonly dependents: number }
  | { readonly type: 'cancel' | 'reach' | 'report' | 'end worker'; readonly which: number }
  | { readonly type: 'end tick' }
  | { readonly type: 'pass'; readonly ms: number };

const which = fc.nat({ max: 1_000 });
const command = fc.oneof<fc.WeightedArbitrary<Command>[]>(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('submit' as const),
      priority: fc.integer({ min: 0, max: 1 }),
      dependents: fc.nat({ max: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cancel' as const), which }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('reach' as const), which }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('report' as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('end worker' as const), which }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('end tick' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 25 }) }) },
);

/** Runs commands, and remembers what the workers claimed. */
class Story {
  readonly scheduler = new Scheduler({ maxWorkers: 3, concurrency: 2 });
  readonly jobs: FakeJob[] = [];
  /** Number of claims by id of the job. */
  readonly claims = new Map<number, number>();
  readonly cancelledUnclaimed = new Set<number>();
  #up: FakeWorker[];

  constructor() {
    this.#up = this.scheduler.start(3, 1);
  }

  run(command: Command): void {
    switch (command.type) {
      case 'submit':
        this.#submit(command.priority, command.dependents);
        break;
      case 'cancel':
        if (this.jobs.length > 0) this.#cancel(this.jobs[command.which % this.jobs.length]!);
        break;
      case 'reach':
        this.#reach(this.#worker(command.which));
        break;
      case 'report':
        this.#worker(command.which).reportsReached();
        break;
      case 'end worker':
        this.#end(this.#worker(command.which));
        break;
      case 'end tick':
        endTick();
        break;
      case 'pass':
        pass(command.ms);
        break;
      default:
        command satisfies never;
    }
  }

  /** Lets the workers finish all jobs. */
  finish(): void {
    for (let round = 0; round < 200 && this.scheduler.dispatcher.unreported > 0; round++) {
      endTick();
      for (const worker of this.#up) while (this.#reach(worker));
      for (const worker of this.#up) {
        worker.reportsReached();
        if (worker.log.at(-1) === 'ping') worker.pongs();
      }
      pass(11);
    }
  }

  #worker(which: number): FakeWorker {
    return this.#up[which % this.#up.length]!;
  }

  #reach(worker: FakeWorker): boolean {
    const before = worker.unreached;
    const id = worker.reachesNext();
    if (id !== undefined) this.claims.set(id, (this.claims.get(id) ?? 0) + 1);
    return worker.unreached < before;
  }

  #submit(priority: number, dependents: number): void {
    const root = this.scheduler.submitOne('job', { priority });
    this.jobs.push(root);
    for (let i = 0, upstream = root; i < dependents; i++) {
      upstream = this.scheduler.make('job', { priority, upstream });
      this.jobs.push(upstream);
    }
    for (const job of this.jobs.slice(-1 - dependents)) this.#follow(job);
  }

  /** Does what the future of a job does when the job settles. */
  #follow(job: FakeJob): void {
    job.during('fulfilled', () => {
      for (const dependent of job.dependents ?? []) if (dependent.state === WAITING) this.#enqueueAgain(dependent);
    });
    job.during('rejected', () => {
      for (const dependent of job.dependents ?? []) if (!dependent.isSettled) this.#cancel(dependent);
    });
    job.during('requeue', () => {
      this.#follow(job);
      if (job.upstream!.isSettled) this.#enqueueAgain(job);
    });
  }

  #enqueueAgain(job: FakeJob): void {
    if (job.isSettled) return;
    job.args = ['the value of its upstream'];
    this.scheduler.dispatcher.enqueue(job);
  }

  #cancel(job: FakeJob): void {
    if (job.isSettled) return;
    this.scheduler.cancel(job);
    for (const each of this.jobs) if (each.isSettled && !this.claims.has(each.id)) this.cancelledUnclaimed.add(each.id);
  }

  /**
   * The worker is lost, with all jobs that it has reached, and another worker replaces it. A worker
   * that ran no job would be replaced only after a pause.
   */
  #end(worker: FakeWorker): void {
    if (!worker.hasRun) return;
    worker.ends({ exitCode: 1 });
    this.scheduler.dispatcher.workforce.ensure(3);
    const next = this.scheduler.workers.at(-1)!;
    next.pace = 1;
    next.ready();
    this.#up = this.#up.map((other) => (other === worker ? next : other));
  }
}

function play(commands: readonly Command[]): Story {
  const story = new Story();
  for (const each of commands) story.run(each);
  story.finish();
  return story;
}

/** Number of sequences. A search for faults needs some thousands. */
const RUNS = 100;

describe('any sequence of events', () => {
  it('each job settles once and is claimed at most once, never after a cancel, and none is left behind', () => {
    const sequences = fc.array(command, { maxLength: 80, size: 'max' });
    const property = fc.property(sequences, (commands) => {
      const { scheduler, jobs, claims, cancelledUnclaimed } = play(commands);
      const outcomes = jobs.map(({ history }) => history.filter((call) => call !== 'requeue'));
      expect(outcomes.filter((calls) => calls.length > 1)).toEqual([]);
      expect(jobs.filter(({ isSettled }) => !isSettled).map(({ id }) => id)).toEqual([]);
      expect([...claims.values()].filter((count) => count > 1)).toEqual([]);
      expect([...cancelledUnclaimed].filter((id) => claims.has(id))).toEqual([]);
      expect([scheduler.dispatcher.unreported, scheduler.queue]).toEqual([0, '']);
      for (const worker of scheduler.dispatcher.workforce.all) expect(worker.inFlight.count).toBe(0);
    });
    fc.assert(property, { numRuns: RUNS });
  });
});
