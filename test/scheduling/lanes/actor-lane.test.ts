/** The lane of an actor: which of its jobs may be sent next. */
import { describe, expect, it } from 'vitest';
import { ACTOR } from '../../../src/protocol/job-layout.js';
import { advanceJob, GONE, QUEUED, SENT } from '../../../src/scheduling/job/job-state.js';
import { ActorLane } from '../../../src/scheduling/lanes/actor-lane.js';
import { placeOf } from '../../../src/scheduling/lanes/lane.js';
import { fakeActor } from '../../support/fake-actor.js';
import { FakeJob } from '../../support/fake-job.js';

const owner = fakeActor();

function newLane(concurrency = 1) {
  const offered: string[] = [];
  const lane = new ActorLane(1, concurrency, owner, () => offered.push('offered'));
  return { lane, offered };
}

/** A lane whose object exists, with calls that are queued. */
function openLane(count: number, concurrency = 1) {
  const { lane, offered } = newLane(concurrency);
  lane.isOpen = true;
  const calls = Array.from({ length: count }, (_, id) => enqueue(lane, new FakeJob(id, 'call')));
  return { lane, calls, offered };
}

function enqueue(lane: ActorLane, job: FakeJob): FakeJob {
  job.place = lane.join();
  lane.push(job);
  advanceJob(job, QUEUED);
  return job;
}

/** Sends the next job, as a worker does. */
function send(lane: ActorLane): FakeJob {
  const job = lane.take() as FakeJob;
  advanceJob(job, SENT);
  lane.entered(true);
  return job;
}

describe('ActorLane', () => {
  it('nothing but the constructor may be sent before the object exists', () => {
    const { lane } = newLane();
    const call = enqueue(lane, new FakeJob(2, 'call'));
    expect(lane.next).toBeUndefined();
    const setup = new FakeJob(1, 'new');
    setup.place = lane.setUp(setup);
    expect(lane.next).toBeUndefined();
    advanceJob(setup, QUEUED);
    expect(lane.next).toBe(setup);
    expect(send(lane)).toBe(setup);
    expect(lane.next).toBeUndefined();
    expect(lane.mayStart(call)).toBe(false);
    lane.isOpen = true;
    expect(lane.next).toBe(call);
  });

  it('the lane has room until as many jobs are in flight as its concurrency', () => {
    const { lane, offered } = openLane(4, 2);
    expect(lane.hasRoom).toBe(true);
    send(lane);
    expect(lane.hasRoom).toBe(true);
    send(lane);
    expect(lane.hasRoom).toBe(false);
    send(lane);
    lane.left(true, true);
    expect(offered).toEqual([]);
    lane.left(true, true);
    expect(lane.hasRoom).toBe(true);
    expect(offered).toEqual(['offered']);
  });

  it('the end waits until all other jobs have settled and have ended', () => {
    const { lane, calls } = openLane(1);
    const end = new FakeJob(9, 'end');
    end.place = lane.joinEnd();
    lane.push(end);
    advanceJob(end, QUEUED);
    expect(lane.awaitsOthers).toBe(true);
    expect(lane.next).toBe(calls[0]);
    send(lane);
    expect(lane.next).toBeUndefined();
    lane.unsettled--;
    expect(lane.next).toBeUndefined();
    lane.left(true, true);
    expect(lane.next).toBe(end);
  });

  it('a job that may run again is a barrier, unless calls may overlap', () => {
    for (const [concurrency, isBarrier] of [
      [1, true],
      [2, false],
    ] as const) {
      const { lane, calls } = openLane(2, concurrency);
      calls[0]!.mayRunAgain = true;
      send(lane);
      expect(placeOf(calls[0]!).isBarrier).toBe(isBarrier);
      expect(lane.next).toBe(isBarrier ? undefined : calls[1]);
    }
  });

  it('the jobs of an actor never move to another worker, and are marked in messages', () => {
    const { lane } = newLane();
    expect(lane.isStarted).toBe(true);
    expect(lane.tag).toBe(ACTOR);
    expect(lane.actor).toBe(owner);
  });

  it('a call that was cancelled is skipped', () => {
    const { lane, calls } = openLane(2);
    advanceJob(calls[0]!, GONE);
    expect(lane.next).toBe(calls[1]);
    expect(lane.mayStart(calls[1]!)).toBe(true);
  });

  it.each([
    [1, 1],
    [2, 2],
  ])('the next constructor waits until fewer calls run on the former worker than the limit: %d of %d', (limit) => {
    const { lane, offered } = openLane(3, limit);
    for (let call = 0; call < limit; call++) send(lane);
    let live = limit;
    const former = lane.leaveCalls(() => live);
    for (let call = 0; call < limit; call++) {
      lane.left(true, true);
      former.entered(true);
    }
    lane.isOpen = false;
    const setup = new FakeJob(1, 'new');
    setup.place = lane.setUp(setup);
    advanceJob(setup, QUEUED);
    offered.length = 0;
    expect([lane.hasRoom, lane.next]).toEqual([true, undefined]);
    live--;
    former.left(true);
    expect(offered).toEqual(['offered']);
    expect(lane.next).toBe(setup);
  });
});
