/** The step of a pass that places actors on workers, and sends their jobs. */
import { describe, expect, it } from 'vitest';
import { ActorLane } from '../../../src/scheduling/lanes/actor-lane.js';
import type { Worker } from '../../../src/scheduling/worker/worker.js';
import { fakeActor } from '../../support/fake-actor.js';
import type { FakeJob } from '../../support/fake-job.js';
import type { FakeWorker } from '../../support/fake-worker.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

let lastActor = 0;

/** Enqueues the constructor of an actor. */
function newActor(scheduler: Scheduler, name: string) {
  const { lanes } = scheduler.dispatcher.backlog;
  const lane = new ActorLane(++lastActor, 1, fakeActor(name), lanes.offer);
  lanes.actors.add(lane);
  const setup = scheduler.make(name);
  setup.place = lane.setUp(setup);
  scheduler.dispatcher.enqueue(setup);
  return { lane, setup };
}

/** The object of an actor exists now, so its calls may be sent. */
function constructed(scheduler: Scheduler, { lane, setup }: ReturnType<typeof newActor>): void {
  scheduler.workers.find(({ name }) => name === (lane.worker as Worker).name)!.fulfils(setup);
  scheduler.dispatcher.backlog.lanes.actors.open(lane);
}

function call(scheduler: Scheduler, lane: ActorLane, name: string, priority = 0): FakeJob {
  const job = scheduler.make(name, { priority });
  job.place = lane.join();
  lane.push(job);
  scheduler.dispatcher.enqueue(job);
  return job;
}

describe('actors in a scheduling pass', () => {
  it('each new actor is assigned to the worker with the fewest actors', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2);
    for (const name of ['a', 'b', 'c', 'd']) newActor(scheduler, name);
    endTick();
    expect([v.log, w.log]).toEqual([['run a c'], ['run b d']]);
  });

  it('an actor waits for a worker that is starting, if all others have their share', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v] = scheduler.start(1);
    for (const name of ['a', 'b']) newActor(scheduler, name);
    endTick();
    expect(v.log).toEqual(['run a']);
    scheduler.workers[1]!.ready();
    expect([v.log, scheduler.workers[1]!.log]).toEqual([['run a'], ['run b']]);
  });

  it('a worker that can’t start delays no actor: the rest is assigned to the others', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v] = scheduler.start(1);
    scheduler.backend.failure = new Error('no memory');
    for (const name of ['a', 'b']) newActor(scheduler, name);
    endTick();
    expect(v.log.join(' ').replaceAll('run ', '')).toBe('a b');
  });

  it('a call needs no concurrency slot, so it is sent to a worker that runs a task', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [task] = scheduler.send('task');
    w.claims(task);
    newActor(scheduler, 'a');
    endTick();
    expect(w.log).toEqual(['run task', 'run a']);
  });

  it('the calls of an actor wait for its constructor', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const actor = newActor(scheduler, 'new');
    call(scheduler, actor.lane, 'a');
    endTick();
    expect(w.log).toEqual(['run new']);
    constructed(scheduler, actor);
    scheduler.dispatcher.schedule();
    endTick();
    expect(w.log).toEqual(['run new', 'run a']);
  });

  it('a second call waits until the first one has ended, if the worker is slow', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 100);
    const actor = newActor(scheduler, 'new');
    endTick();
    constructed(scheduler, actor);
    const [a] = ['a', 'b'].map((name) => call(scheduler, actor.lane, name));
    endTick();
    expect(w.log).toEqual(['run new', 'run a']);
    w.fulfils(a!);
    endTick();
    expect(w.log.at(-1)).toBe('run b');
  });

  it('a quick worker receives calls ahead: some of one actor, then some of the next one', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 0.01);
    const actors = [newActor(scheduler, 'one'), newActor(scheduler, 'two')];
    endTick();
    for (const actor of actors) constructed(scheduler, actor);
    for (let i = 0; i < 40; i++) call(scheduler, actors[i % 2]!.lane, i % 2 === 0 ? 'x' : 'y');
    endTick();
    const sent = w.log.at(-1)!;
    expect(sent.startsWith(`run ${'x '.repeat(16)}${'y '.repeat(16)}`)).toBe(true);
  });

  it('a paused executor sends no call, and places no actor', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    scheduler.dispatcher.backlog.isPaused = true;
    newActor(scheduler, 'a');
    endTick();
    expect([w.log, scheduler.dispatcher.backlog.lanes.actors.unassigned.size]).toEqual([[], 1]);
  });

  it('a call takes no permit of the rate limit from a more urgent task', () => {
    const scheduler = new Scheduler({ rateLimit: { count: 2, interval: 1_000 } });
    const [w] = scheduler.start(1);
    const actor = newActor(scheduler, 'new');
    endTick();
    constructed(scheduler, actor);
    call(scheduler, actor.lane, 'call');
    scheduler.submit('task', { priority: 1 });
    endTick();
    expect(w.log).toEqual(['run new', 'run task']);
  });

  describe('a call that seems to block the thread', () => {
    /** A worker runs a call, and `tasks` are sent to it. */
    function block(scheduler: Scheduler, w: FakeWorker, tasks: string) {
      const actor = newActor(scheduler, 'new');
      endTick();
      constructed(scheduler, actor);
      const running = call(scheduler, actor.lane, 'call');
      endTick();
      w.claims(running);
      w.log.length = 0;
      return scheduler.send(tasks as 'a b c');
    }

    it('the tasks on its worker return to the queue, and the worker receives none until it answers', () => {
      const scheduler = new Scheduler();
      const [w] = scheduler.start(1, 1);
      block(scheduler, w, 'a b c');
      pass(11);
      expect([w.log, scheduler.queue]).toEqual([['run a b c', 'ping'], 'a b c']);
      scheduler.send('d');
      pass(100);
      expect([w.log.length, scheduler.queue]).toEqual([2, 'a b c d']);
      w.pongs();
      endTick();
      expect([w.log.at(-1), scheduler.queue]).toEqual(['run a b c d', '']);
    });

    it('another worker runs the last task, although no report causes a pass', () => {
      const scheduler = new Scheduler({ maxWorkers: 2 });
      const [v, w] = scheduler.start(2, 1);
      const [a, b] = block(scheduler, v, 'a b');
      expect([v.log, w.log]).toEqual([['run b'], ['run a']]);
      w.fulfils(a);
      v.fulfils(b);
      // The next pass is due 11 ms after the first tasks, which is too early for the next ones.
      pass(6);
      const [c] = scheduler.send('c d');
      w.fulfils(c);
      expect([v.log, w.log]).toEqual([
        ['run b', 'run d'],
        ['run a', 'run c'],
      ]);
      pass(22);
      expect([v.log.at(-1), w.log.at(-1)]).toEqual(['ping', 'run d']);
    });

    it('tasks that are sent after the answer have twice the time to start', () => {
      const scheduler = new Scheduler();
      const [w] = scheduler.start(1, 1);
      block(scheduler, w, 'a b c');
      pass(11);
      w.pongs();
      endTick();
      pass(20);
      expect(w.log).toEqual(['run a b c', 'ping', 'run a b c']);
      pass(2);
      expect(w.log.at(-1)).toBe('ping');
    });

    it('a task that has started stays, and the others return to the queue', () => {
      const scheduler = new Scheduler({ concurrency: 2 });
      const [w] = scheduler.start(1);
      const [a] = block(scheduler, w, 'a b c');
      w.claims(a);
      pass(30);
      expect(w.log).toEqual(['run a b', 'ping']);
      expect(scheduler.queue).toBe('b c');
    });
  });
});
