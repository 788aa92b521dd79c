import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../src/scheduling/job/job.js';
import { advanceJob, GONE, QUEUED, SENT, WAITING } from '../../../src/scheduling/job/job-state.js';
import { PriorityQueue } from '../../../src/scheduling/queue/priority-queue.js';
import { collectUntil } from '../../support/garbage.js';

let lastId = 0;

/** A job with the properties that the queue reads. */
function job(priority = 0): Job {
  return { id: ++lastId, priority, state: WAITING } as Job;
}

/** Cancels a queued job, as the dispatcher does. */
function cancel(queue: PriorityQueue, job: Job): void {
  advanceJob(job, GONE);
  queue.forget();
}

function ids(jobs: Iterable<Job>): number[] {
  return Array.from(jobs, ({ id }) => id);
}

/** Takes all jobs. */
function drain(queue: PriorityQueue): Job[] {
  const taken: Job[] = [];
  for (let job = queue.take(); job !== undefined; job = queue.take()) taken.push(job);
  return taken;
}

describe('PriorityQueue', () => {
  it('take() returns the highest priority first, and jobs of one priority in the order of their arrival', () => {
    const queue = new PriorityQueue();
    const jobs = [job(0), job(-1), job(10), job(0), job(10), job(0.5)];
    for (const each of jobs) queue.push(each);
    const expected = [jobs[2], jobs[4], jobs[5], jobs[0], jobs[3], jobs[1]] as Job[];
    expect(ids(queue)).toEqual(ids(expected));
    expect(queue.topPriority()).toBe(10);
    expect(ids(drain(queue))).toEqual(ids(expected));
    expect([queue.size, queue.topPriority(), queue.take()]).toEqual([0, undefined, undefined]);
  });

  it('push() and putBack() advance a job to queued', () => {
    const queue = new PriorityQueue();
    const [pushed, back] = [job(), job()];
    queue.push(pushed);
    queue.putBack(back);
    expect([pushed.state, back.state]).toEqual([QUEUED, QUEUED]);
  });

  it('putBack() returns a job to the front of its level, so that the order stays as before', () => {
    const queue = new PriorityQueue();
    const jobs = [job(), job(), job(), job()];
    for (const each of jobs) queue.push(each);
    const taken = [queue.take()!, queue.take()!];
    for (const each of taken.reverse()) queue.putBack(each);
    expect(ids(drain(queue))).toEqual(ids(jobs));
  });

  it('a cancelled job does not count in the size, the order and the top priority', () => {
    const queue = new PriorityQueue();
    const jobs = [job(5), job(0), job(0)];
    for (const each of jobs) queue.push(each);
    cancel(queue, jobs[0]!);
    expect([queue.size, queue.topPriority(), ids(queue)]).toEqual([2, 0, ids(jobs.slice(1))]);
    cancel(queue, jobs[1]!);
    expect(ids(drain(queue))).toEqual(ids([jobs[2]!]));
  });

  it('the queue keeps no job alive after all jobs were cancelled', async () => {
    const queue = new PriorityQueue();
    const cancelled = Array.from({ length: 100 }, (_, i) => {
      const each = job(i % 3);
      queue.push(each);
      cancel(queue, each);
      return new WeakRef(each);
    });
    await collectUntil(() => cancelled.every((each) => each.deref() === undefined));
    expect(queue.size).toBe(0);
  });
});

type Command =
  | { readonly type: 'push'; readonly priority: number }
  | { readonly type: 'take' }
  | { readonly type: 'putBack'; readonly which: number }
  | { readonly type: 'cancel'; readonly which: number };

const commands = fc.array(
  fc.oneof<fc.Arbitrary<Command>[]>(
    fc.record({ type: fc.constant('push' as const), priority: fc.integer({ min: -2, max: 2 }) }),
    fc.record({ type: fc.constant('push' as const), priority: fc.constant(0) }),
    fc.record({ type: fc.constant('take' as const) }),
    fc.record({ type: fc.constant('putBack' as const), which: fc.nat() }),
    fc.record({ type: fc.constant('cancel' as const), which: fc.nat() }),
  ),
  { maxLength: 150, size: 'max' },
);

describe('any sequence of calls on a PriorityQueue', () => {
  it('the queue behaves like a sorted list', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const queue = new PriorityQueue();
        const model = new Model();
        const taken: Job[] = [];
        for (const command of sequence) {
          if (command.type === 'push') {
            const pushed = job(command.priority);
            queue.push(pushed);
            model.push(pushed);
          } else if (command.type === 'take') {
            const expected = model.jobs.shift();
            const actual = queue.take();
            expect(actual?.id).toBe(expected?.id);
            if (actual !== undefined) {
              advanceJob(actual, SENT);
              taken.push(actual);
            }
          } else if (command.type === 'putBack') {
            if (taken.length === 0) continue;
            const [back] = taken.splice(command.which % taken.length, 1) as [Job];
            advanceJob(back, WAITING);
            queue.putBack(back);
            model.putBack(back);
          } else {
            if (model.jobs.length === 0) continue;
            const [gone] = model.jobs.splice(command.which % model.jobs.length, 1) as [Job];
            cancel(queue, gone);
          }
          expect([queue.size, queue.topPriority()]).toEqual([model.jobs.length, model.jobs[0]?.priority]);
        }
        expect(ids(queue)).toEqual(ids(model.jobs));
        expect(ids(drain(queue))).toEqual(ids(model.jobs));
      }),
    );
  });
});

/** A list that is kept in the order of dispatch. */
class Model {
  readonly jobs: Job[] = [];

  push(job: Job): void {
    const later = this.jobs.findIndex(({ priority }) => priority < job.priority);
    this.jobs.splice(later === -1 ? this.jobs.length : later, 0, job);
  }

  putBack(job: Job): void {
    const later = this.jobs.findIndex(({ priority }) => priority <= job.priority);
    this.jobs.splice(later === -1 ? this.jobs.length : later, 0, job);
  }
}
