/** The end of idle workers. Time is virtual. */
import { describe, expect, it, vi } from 'vitest';
import type { Worker } from '../../../src/scheduling/worker/worker.js';
import { type IdleOptions, IdleWorkers } from '../../../src/scheduling/workforce/idle-workers.js';
import { WorkerSet } from '../../../src/scheduling/workforce/worker-set.js';
import { pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

interface Init {
  /** Moment from which on the worker is idle. Infinite for a worker that is busy. */
  readonly idleAt?: number;
  readonly pinned?: number;
  readonly actors?: number;
}

function makeWorker(name: string, { idleAt = 0, pinned = 0, actors = 0 }: Init): Worker & { left: boolean } {
  const start = performance.now();
  const worker = {
    name,
    state: 'ready',
    left: false,
    pinned,
    actors: { size: actors },
    inFlight: { count: idleAt === Number.POSITIVE_INFINITY ? 1 : 0 },
    load: { isIdleFor: (ms: number) => performance.now() - start - idleAt >= ms },
    leave() {
      this.left = true;
      this.state = 'leaving';
    },
  };
  return worker as never;
}

function open(options: Partial<IdleOptions>, ...inits: Init[]) {
  const set = new WorkerSet();
  const workers = inits.map((init, i) => makeWorker(`w-${i + 1}`, init));
  for (const worker of workers) {
    set.all.add(worker);
    set.startReceiving(worker);
  }
  const idle = new IdleWorkers({ minWorkers: 0, idleTimeout: 100, ...options }, set);
  const left = () => workers.filter((worker) => worker.left).map(({ name }) => name);
  return { idle, set, left };
}

describe('IdleWorkers', () => {
  it('a worker ends when it was idle for idleTimeout, and serves no more', () => {
    const { idle, set, left } = open({}, {});
    idle.becameIdle();
    pass(99);
    expect(left()).toEqual([]);
    pass(1);
    expect([left(), set.receiving]).toEqual([['w-1'], []]);
  });

  it('minWorkers workers remain, however long they are idle', () => {
    const { idle, left } = open({ minWorkers: 2 }, {}, {}, {});
    idle.becameIdle();
    pass(10_000);
    expect(left()).toEqual(['w-1']);
  });

  it('a worker that became idle later ends later, after another idleTimeout at most', () => {
    const { idle, left } = open({}, {}, { idleAt: 50 });
    idle.becameIdle();
    pass(100);
    expect(left()).toEqual(['w-1']);
    pass(100);
    expect(left()).toEqual(['w-1', 'w-2']);
  });

  it('a worker with a task, a part of a broadcast or an actor does not end', () => {
    const { idle, left } = open({}, { idleAt: Number.POSITIVE_INFINITY }, { pinned: 1 }, { actors: 1 });
    idle.becameIdle();
    pass(1_000);
    expect(left()).toEqual([]);
  });

  it('one timer serves all workers, and none is set if idleTimeout is infinite or after close()', () => {
    const { idle } = open({}, {}, {});
    idle.becameIdle();
    idle.becameIdle();
    expect(vi.getTimerCount()).toBe(1);
    idle.close();
    expect(vi.getTimerCount()).toBe(0);
    idle.becameIdle();
    open({ idleTimeout: Number.POSITIVE_INFINITY }, {}).idle.becameIdle();
    expect(vi.getTimerCount()).toBe(0);
  });
});
