/** The fifth step of a scheduling pass: workers are started for the jobs that are left over. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('the adjust step', () => {
  it('a worker is started for each queued job, and maxWorkers limits them', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    scheduler.send('a b c');
    expect(scheduler.events).toEqual(['spawned w-1', 'spawned w-2']);
  });

  it('a worker that is starting counts for one queued job', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    scheduler.send('a');
    scheduler.dispatcher.schedule();
    endTick();
    expect(scheduler.events).toEqual(['spawned w-1']);
    scheduler.send('b');
    expect(scheduler.events).toEqual(['spawned w-1', 'spawned w-2']);
  });

  it('jobs that were sent beyond what a worker can start count as left over', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    scheduler.start(1, 1);
    scheduler.send('a b');
    expect([scheduler.queue, scheduler.events]).toEqual(['', ['spawned w-2']]);
  });

  it('no worker is started if the workers can start all jobs at once', () => {
    const scheduler = new Scheduler({ maxWorkers: 2, concurrency: 3 });
    scheduler.start(1, 1);
    scheduler.send('a b c');
    expect(scheduler.events).toEqual([]);
  });

  // A known fault: dependents count as surplus of their worker.
  it('no worker is started for dependents, because only the worker of their upstream can run them', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    scheduler.start(1, 1);
    const [a] = scheduler.submit('a');
    const b = scheduler.make('b', { upstream: a });
    scheduler.make('c', { upstream: b });
    endTick();
    expect(scheduler.events).toEqual([]);
  });

  it('minWorkers workers are started without any job', () => {
    const scheduler = new Scheduler({ maxWorkers: 3, minWorkers: 2 });
    scheduler.dispatcher.schedule();
    endTick();
    expect(scheduler.events).toEqual(['spawned w-1', 'spawned w-2']);
  });

  it('ensure() starts the missing workers, at most maxWorkers', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    scheduler.start(1);
    scheduler.dispatcher.workforce.ensure(5);
    expect(scheduler.events).toEqual(['spawned w-2', 'spawned w-3']);
  });

  it('a worker that ends is replaced for a queued job, and the numbers in names increase', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a b');
    w.claims(a);
    w.ends({ exitCode: 1 });
    endTick();
    expect(scheduler.events).toEqual(['lost w-1, code 1', 'spawned w-2']);
  });

  it('a listener of a start that closes the workforce prevents further starts', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    scheduler.onEvent = () => void scheduler.dispatcher.workforce.close('terminate');
    scheduler.send('a b c');
    expect([scheduler.events, scheduler.workers[0]!.log]).toEqual([['spawned w-1'], ['kill']]);
  });

  it('a listener of a start that asks for workers does not make more than maxWorkers', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    scheduler.onEvent = () => scheduler.dispatcher.workforce.ensure(2);
    scheduler.send('a');
    expect(scheduler.events).toEqual(['spawned w-1', 'spawned w-2']);
  });
});
