/** The jobs of a batch while keys are in use. Lanes and queue are real, and the load is a fake. */
import { describe, expect, it } from 'vitest';
import type { Lane } from '../../../src/scheduling/lanes/lane.js';
import { LaneHeap } from '../../../src/scheduling/lanes/lane-heap.js';
import { Lanes } from '../../../src/scheduling/lanes/lanes.js';
import { type BatchWorker, type PickLimits, pickJobs } from '../../../src/scheduling/pass/pick-jobs.js';
import { PriorityQueue } from '../../../src/scheduling/queue/priority-queue.js';
import { FakeJob, type FakeJobInit } from '../../support/fake-job.js';

const UNLIMITED: PickLimits = { trees: 100, share: 100, mayHold: true };

interface Room {
  readonly concurrency?: number;
  /** Number of jobs that may be in flight, including prefetched ones. */
  readonly limit?: number;
  readonly freeSlots?: number;
  readonly contending?: number;
  readonly canRevoke?: boolean;
}

function makeWorker({
  concurrency = 1,
  limit = 10,
  freeSlots = 100,
  contending = 0,
  canRevoke = true,
}: Room = {}): BatchWorker {
  const load = { window: { concurrency }, limit, freeSlots, contending, held: 0 };
  const lanes = { free: new LaneHeap<Lane>(), full: new LaneHeap<Lane>() };
  return { state: 'ready', lingers: false, canRevoke, lanes, load: load as never };
}

class Waiting {
  readonly queue = new PriorityQueue();
  readonly lanes = new Lanes();
  #lastId = 0;

  /** Adds a job without a key. */
  add(name: string, init?: FakeJobInit): FakeJob {
    const job = new FakeJob(++this.#lastId, name, init);
    this.queue.push(job);
    return job;
  }

  /** Adds a job whose key is the first letter of its name. */
  addKeyed(name: string, init?: FakeJobInit): FakeJob {
    const job = new FakeJob(++this.#lastId, name, init);
    const lane = this.lanes.of(name[0]!);
    job.place = lane.join();
    lane.push(job);
    this.lanes.enqueue(job);
    return job;
  }

  pick(worker: BatchWorker, limits: Partial<PickLimits> = {}): string {
    const jobs = pickJobs(worker, this.queue, this.lanes, { ...UNLIMITED, ...limits });
    return jobs.map((job) => (job as FakeJob).name).join(' ');
  }
}

describe('pickJobs()', () => {
  it('jobs with and without a key leave in the order of their submission', () => {
    const waiting = new Waiting();
    waiting.addKeyed('a1');
    waiting.add('x');
    waiting.addKeyed('b1');
    waiting.add('y');
    expect(waiting.pick(makeWorker())).toBe('a1 x b1 y');
  });

  it('a job of a higher priority leaves first, with or without a key', () => {
    const waiting = new Waiting();
    waiting.addKeyed('a1');
    waiting.add('x', { priority: 1 });
    waiting.addKeyed('b1', { priority: 2 });
    expect(waiting.pick(makeWorker())).toBe('b1 x a1');
  });

  it('the second job of a key is held by the worker of the first one, and by no other worker', () => {
    const waiting = new Waiting();
    waiting.addKeyed('a1');
    waiting.addKeyed('a2');
    const worker = makeWorker();
    expect(waiting.pick(worker, { trees: 1 })).toBe('a1');
    expect(waiting.pick(makeWorker())).toBe('');
    expect(waiting.pick(worker)).toBe('a2');
  });

  it('held jobs take room of the prefetch, and leave the concurrency to jobs that can start', () => {
    const waiting = new Waiting();
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1']) waiting.addKeyed(name);
    expect(waiting.pick(makeWorker({ concurrency: 2, limit: 3 }))).toBe('a1 a2 b1');
  });

  it('a worker without a prefetch holds no job, and starts the jobs of other keys', () => {
    const waiting = new Waiting();
    for (const name of ['a1', 'a2', 'b1', 'c1']) waiting.addKeyed(name);
    expect(waiting.pick(makeWorker({ concurrency: 2, limit: 2 }))).toBe('a1 b1');
  });

  it.each<[string, Room, Partial<PickLimits>]>([
    ['its jobs cannot be revoked', { canRevoke: false }, {}],
    ['the limits forbid it', {}, { mayHold: false }],
  ])('a worker holds no job if %s', (_why, room, limits) => {
    const waiting = new Waiting();
    for (const name of ['a1', 'a2', 'b1']) waiting.addKeyed(name);
    expect(waiting.pick(makeWorker(room), limits)).toBe('a1 b1');
  });

  it.each<[string, Room, Partial<PickLimits>]>([
    ['trees', {}, { trees: 2 }],
    ['free slots', { freeSlots: 2 }, {}],
    ['room', { limit: 2 }, {}],
    ['jobs that other workers could run too', {}, { share: 2 }],
  ])('a batch has no more jobs than there are %s', (_what, room, limits) => {
    const waiting = new Waiting();
    waiting.add('x');
    waiting.addKeyed('a1');
    waiting.addKeyed('b1');
    waiting.add('y');
    expect(waiting.pick(makeWorker(room), limits)).toBe('x a1');
  });

  it('the share does not count the jobs of a key that the worker has already', () => {
    const waiting = new Waiting();
    waiting.addKeyed('a1');
    waiting.add('x');
    const worker = makeWorker();
    expect(waiting.pick(worker, { trees: 1 })).toBe('a1');
    waiting.addKeyed('a2');
    expect(waiting.pick(worker, { share: 0 })).toBe('a2');
  });

  it('the batch ends at a job with moved arguments that the worker cannot start at once', () => {
    const waiting = new Waiting();
    const transfer = [new ArrayBuffer(8)];
    waiting.addKeyed('a1');
    waiting.addKeyed('b1', { transfer });
    waiting.add('x');
    expect(waiting.pick(makeWorker())).toBe('a1');
    expect(waiting.pick(makeWorker())).toBe('b1 x');
    waiting.add('y', { transfer });
    expect(waiting.pick(makeWorker({ contending: 1 }))).toBe('');
    expect(waiting.pick(makeWorker())).toBe('y');
  });

  it('a job with moved arguments is not held behind another one of its key, and other keys continue', () => {
    const waiting = new Waiting();
    waiting.addKeyed('a1');
    waiting.addKeyed('a2', { transfer: [new ArrayBuffer(8)] });
    waiting.addKeyed('b1');
    expect(waiting.pick(makeWorker())).toBe('a1 b1');
  });
});
