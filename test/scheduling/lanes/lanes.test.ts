/** The lanes of an executor: which worker may receive which key. */
import { describe, expect, it } from 'vitest';
import { advanceJob, GONE, WAITING } from '../../../src/scheduling/job/job-state.js';
import { type Lane, type LaneWorker, placeOf } from '../../../src/scheduling/lanes/lane.js';
import { LaneHeap } from '../../../src/scheduling/lanes/lane-heap.js';
import { Lanes } from '../../../src/scheduling/lanes/lanes.js';
import { FakeJob } from '../../support/fake-job.js';

const ALL = { canStart: true, canHold: true, fromAll: true };

function makeWorker(): { -readonly [K in keyof LaneWorker]: LaneWorker[K] } {
  return { state: 'ready', lingers: false, lanes: { free: new LaneHeap<Lane>(), full: new LaneHeap<Lane>() } };
}

function submit(lanes: Lanes, key: string, id: number, priority = 0): FakeJob {
  const job = new FakeJob(id, 'job', { priority });
  const lane = lanes.of(key);
  job.place = lane.join();
  lane.push(job);
  lanes.enqueue(job);
  return job;
}

/** The job has started and has ended on its worker, and its future has settled. */
function finish(lanes: Lanes, job: FakeJob): void {
  const { lane } = placeOf(job);
  lane.entered(true);
  lane.left(true, true);
  advanceJob(job, GONE);
  lanes.settled(job.place!);
}

describe('Lanes', () => {
  it('a lane exists from the first submit to the end of its last task', () => {
    const lanes = new Lanes();
    const job = submit(lanes, 'ann', 1);
    expect([lanes.size, lanes.queued, lanes.unbound]).toEqual([1, 1, 1]);
    lanes.take(placeOf(job).lane, makeWorker());
    finish(lanes, job);
    expect([lanes.size, lanes.queued, lanes.unbound]).toEqual([0, 0, 0]);
  });

  it('a lane of which a job has started stays on its worker', () => {
    const lanes = new Lanes();
    const [worker, other] = [makeWorker(), makeWorker()];
    const [first, second] = [submit(lanes, 'ann', 1), submit(lanes, 'ann', 2)];
    const { lane } = placeOf(first);
    lanes.take(lane, worker);
    finish(lanes, first);
    expect(lanes.best(other, ALL)).toBeUndefined();
    expect(lanes.best(worker, ALL)).toBe(lane);
    expect(lane.next).toBe(second);
  });

  it('a lane of which nothing has started may move', () => {
    const lanes = new Lanes();
    const [worker, other] = [makeWorker(), makeWorker()];
    const job = submit(lanes, 'ann', 1);
    const { lane } = placeOf(job);
    lanes.take(lane, worker);
    lane.entered(true);
    lane.left(true, false);
    job.state = WAITING;
    lanes.enqueue(job);
    expect(lanes.best(other, ALL)).toBe(lane);
  });

  it('a lane whose worker receives no more jobs moves when nothing of it runs there', () => {
    const lanes = new Lanes();
    const [worker, other] = [makeWorker(), makeWorker()];
    const first = submit(lanes, 'ann', 1);
    submit(lanes, 'ann', 2);
    const { lane } = placeOf(first);
    lanes.take(lane, worker);
    lane.entered(true);
    worker.state = 'leaving';
    lanes.leaveLostWorkers();
    expect(lanes.best(other, ALL)).toBeUndefined();
    lane.left(true, true);
    expect(lanes.best(other, ALL)).toBe(lane);
  });

  it('a lane that waits on a worker with a lingering task moves to another worker', () => {
    const lanes = new Lanes();
    const [worker, other] = [makeWorker(), makeWorker()];
    const first = submit(lanes, 'ann', 1);
    submit(lanes, 'ann', 2);
    const { lane } = placeOf(first);
    lanes.take(lane, worker);
    finish(lanes, first);
    worker.lingers = true;
    lanes.leaveLostWorkers();
    expect(lanes.best(other, ALL)).toBe(lane);
  });

  it('the best lane has the job of the highest priority, and a full lane only if the worker may hold jobs', () => {
    const lanes = new Lanes();
    const worker = makeWorker();
    const first = submit(lanes, 'ann', 1);
    submit(lanes, 'ann', 2, 5);
    submit(lanes, 'bob', 3, 1);
    lanes.take(placeOf(first).lane, worker);
    expect(lanes.best(worker, ALL)?.key).toBe('ann');
    expect(lanes.best(worker, { ...ALL, canHold: false })?.key).toBe('bob');
    expect(lanes.best(worker, { ...ALL, canStart: false })?.key).toBe('ann');
    expect(lanes.best(worker, { ...ALL, canHold: false, fromAll: false })).toBeUndefined();
  });

  it('jobs behind another one of their key are blocked', () => {
    const lanes = new Lanes();
    for (const id of [1, 2, 3]) submit(lanes, 'ann', id);
    submit(lanes, 'bob', 4);
    expect(lanes.blocked).toBe(2);
    expect([...lanes].map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });
});
