/** The actors of an executor: their workers, and the heaps of those workers. */
import { describe, expect, it } from 'vitest';
import { advanceJob, QUEUED, SENT } from '../../../src/scheduling/job/job-state.js';
import { ActorLane } from '../../../src/scheduling/lanes/actor-lane.js';
import { LaneHeap } from '../../../src/scheduling/lanes/lane-heap.js';
import { Lanes } from '../../../src/scheduling/lanes/lanes.js';
import { type ActorWorker, WorkerActors } from '../../../src/scheduling/lanes/worker-actors.js';
import { fakeActor } from '../../support/fake-actor.js';
import { FakeJob } from '../../support/fake-job.js';

const owner = fakeActor();

const newWorker = (): ActorWorker => ({
  state: 'ready',
  lingers: false,
  lanes: { free: new LaneHeap(), full: new LaneHeap() },
  actors: new WorkerActors(),
  inFlight: { live: () => [], moveLane: () => {} },
});

/** An actor whose constructor is queued. */
function newActor(lanes: Lanes, id = 1) {
  const lane = new ActorLane(id, 1, owner, lanes.offer);
  lanes.actors.add(lane);
  const setup = new FakeJob(id, 'new');
  setup.place = lane.setUp(setup);
  lanes.enqueue(setup);
  return { lane, setup };
}

function enqueueCall(lanes: Lanes, lane: ActorLane, id: number): FakeJob {
  const call = new FakeJob(id, 'call');
  call.place = lane.join();
  lane.push(call);
  lanes.enqueue(call);
  return call;
}

/** Sends the next job of a lane. */
function send(lanes: Lanes, lane: ActorLane, worker: ActorWorker): FakeJob {
  const job = lanes.take(lane, worker) as FakeJob;
  advanceJob(job, SENT);
  lane.entered(true);
  return job;
}

describe('ActorLanes', () => {
  it('a new actor waits for a worker, and is in the heap of the worker to which it is assigned', () => {
    const lanes = new Lanes();
    const worker = newWorker();
    const { lane, setup } = newActor(lanes);
    expect([...lanes.actors.unassigned]).toEqual([lane]);
    expect(lanes.queued).toBe(1);
    lanes.actors.assign(lane, worker);
    expect(lanes.actors.unassigned.size).toBe(0);
    expect(worker.actors.size).toBe(1);
    expect(worker.actors.free.first).toBe(lane);
    expect(send(lanes, lane, worker)).toBe(setup);
    expect(worker.actors.free.size + worker.actors.full.size).toBe(0);
    expect(lanes.queued).toBe(0);
  });

  it('an actor with a call in flight is in the other heap, until it has room again', () => {
    const lanes = new Lanes();
    const worker = newWorker();
    const { lane } = newActor(lanes);
    lanes.actors.assign(lane, worker);
    send(lanes, lane, worker);
    lane.left(true, true);
    lanes.actors.open(lane);
    for (const id of [2, 3]) enqueueCall(lanes, lane, id);
    expect(worker.actors.free.first).toBe(lane);
    send(lanes, lane, worker);
    expect(worker.actors.free.size).toBe(0);
    expect(worker.actors.full.first).toBe(lane);
    lane.left(true, true);
    expect(worker.actors.free.first).toBe(lane);
  });

  it('an actor whose worker has ended waits for another one, and returns with its calls', () => {
    const lanes = new Lanes();
    const worker = newWorker();
    const { lane } = newActor(lanes);
    lanes.actors.assign(lane, worker);
    send(lanes, lane, worker);
    lane.left(true, true);
    lanes.actors.open(lane);
    const call = enqueueCall(lanes, lane, 2);
    lanes.actors.unassign(lane);
    expect(worker.actors.size).toBe(0);
    expect(worker.actors.free.size).toBe(0);
    expect([...lanes.actors.unassigned]).toEqual([lane]);
    expect(lane.isOpen).toBe(false);
    expect([...lanes]).toEqual([call]);
  });

  it('an actor that was removed is in no heap, and its jobs change nothing', () => {
    const lanes = new Lanes();
    const worker = newWorker();
    const { lane, setup } = newActor(lanes);
    lanes.actors.assign(lane, worker);
    lanes.actors.remove(lane);
    expect(worker.actors.size).toBe(0);
    expect(worker.actors.free.size).toBe(0);
    expect(lanes.actors.all.size).toBe(0);
    expect(lanes.settled(setup.place!)).toBe(false);
    expect([...lanes]).toEqual([]);
  });

  it('a constructor that was revoked returns to its place before all calls', () => {
    const lanes = new Lanes();
    const worker = newWorker();
    const { lane, setup } = newActor(lanes);
    enqueueCall(lanes, lane, 2);
    lanes.actors.assign(lane, worker);
    send(lanes, lane, worker);
    lane.left(true, false);
    advanceJob(setup, 0);
    lanes.enqueue(setup);
    expect(lane.next).toBe(setup);
    expect(worker.actors.free.first).toBe(lane);
  });

  it('the settling of the last call lets the end be sent', () => {
    const lanes = new Lanes();
    const worker = newWorker();
    const { lane, setup } = newActor(lanes);
    lanes.actors.assign(lane, worker);
    send(lanes, lane, worker);
    lane.left(true, true);
    lanes.actors.open(lane);
    lanes.settled(setup.place!);
    const call = enqueueCall(lanes, lane, 2);
    const end = new FakeJob(3, 'end');
    end.place = lane.joinEnd();
    lane.push(end);
    lanes.enqueue(end);
    send(lanes, lane, worker);
    lane.left(true, true);
    expect(worker.actors.free.size).toBe(0);
    expect(lanes.settled(call.place!)).toBe(true);
    expect(worker.actors.free.first).toBe(lane);
  });
});

it('QUEUED is the state in which a job is taken', () => {
  const lanes = new Lanes();
  const worker = newWorker();
  const { lane } = newActor(lanes);
  lanes.actors.assign(lane, worker);
  expect(lanes.take(lane, worker).state).toBe(QUEUED);
});
