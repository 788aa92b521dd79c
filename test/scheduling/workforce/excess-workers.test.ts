import { describe, expect, it } from 'vitest';
import type { Worker } from '../../../src/scheduling/worker/worker.js';
import { ExcessWorkers } from '../../../src/scheduling/workforce/excess-workers.js';
import { WorkerSet } from '../../../src/scheduling/workforce/worker-set.js';

interface Init {
  readonly lingers?: boolean;
  readonly jobs?: number;
  readonly pinned?: number;
  readonly actors?: number;
}

function open(maxWorkers: number, ...inits: Init[]) {
  const set = new WorkerSet();
  const excess = new ExcessWorkers(maxWorkers, set);
  const workers = inits.map(({ lingers = false, jobs = 0, pinned = 0, actors = 0 }, i) => {
    const worker = {
      name: `w-${i + 1}`,
      state: 'ready',
      lingers,
      pinned,
      actors: { size: actors },
      inFlight: { count: jobs },
      leave() {
        this.state = 'leaving';
      },
    };
    set.all.add(worker as never);
    set.startReceiving(worker as never);
    excess.spawned();
    return worker as unknown as Worker & { lingers: boolean };
  });
  const left = () => workers.filter(({ state }) => state === 'leaving').map(({ name }) => name);
  return { set, excess, workers, left };
}

describe('ExcessWorkers', () => {
  it('the newest idle worker ends when the lingering task that it made room for has stopped', () => {
    const { set, excess, workers, left } = open(2, { lingers: true }, {}, {});
    excess.end();
    expect(left()).toEqual([]);
    workers[0]!.lingers = false;
    excess.end();
    expect(left()).toEqual(['w-3']);
    expect(set.receiving).toEqual(workers.slice(0, 2));
  });

  it('a worker with a task, a part of a broadcast or an actor stays, and older idle ones end in its place', () => {
    const { excess, left } = open(3, {}, {}, { jobs: 1 }, { pinned: 1 }, { actors: 1 });
    excess.end();
    expect(left()).toEqual(['w-1', 'w-2']);
  });

  it('no worker ends while there are at most maxWorkers workers', () => {
    const { excess, left } = open(3, {}, {}, {});
    excess.end();
    expect(left()).toEqual([]);
  });
});
