/** Idle workers that end by themselves: pauses before their replacement. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('the loss of idle workers', () => {
  /** Returns the pauses before the next three replacements of a spare worker. */
  function pauses(upTime: number): number[] {
    const scheduler = new Scheduler({ minWorkers: 1 });
    scheduler.start(1);
    return [1, 2, 3].map((lost) => {
      pass(upTime);
      scheduler.workers[lost - 1]!.ends({ exitCode: 1 });
      let pause = 0;
      for (endTick(); scheduler.workers.length === lost && pause < 1_000; endTick()) {
        pass(10);
        pause += 10;
      }
      scheduler.workers[lost]?.ready();
      return pause;
    });
  }

  it('spare workers that end soon are replaced after pauses that double', () => {
    expect(pauses(50)).toEqual([100, 200, 400]);
  });

  it('spare workers that were up for 10 s are replaced at once', () => {
    expect(pauses(10_000)).toEqual([0, 0, 0]);
  });

  it('a waiting job starts a worker at once, although an idle worker was lost', () => {
    const scheduler = new Scheduler({ minWorkers: 1 });
    const [w] = scheduler.start(1);
    w.ends({ exitCode: 1 });
    endTick();
    expect(scheduler.workers).toHaveLength(1);
    scheduler.send('a');
    expect(scheduler.workers).toHaveLength(2);
  });

  it('an uncaught error on an idle worker delays its replacement like a loss', () => {
    const scheduler = new Scheduler({ minWorkers: 1 });
    const [w] = scheduler.start(1);
    w.faults(new Error('late'));
    w.ends();
    endTick();
    expect(scheduler.workers).toHaveLength(1);
    pass(100);
    endTick();
    expect(scheduler.workers).toHaveLength(2);
  });
});
