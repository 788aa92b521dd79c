import { describe, expect, it } from 'vitest';
import type { Worker } from '../../../src/scheduling/worker/worker.js';
import { WorkerSet } from '../../../src/scheduling/workforce/worker-set.js';

interface Init {
  readonly state?: 'starting' | 'ready' | 'leaving';
  readonly lingers?: boolean;
  readonly hasStarted?: boolean;
  readonly contending?: number;
  readonly busyTime?: number;
  readonly upTime?: number;
}

function makeWorker({ contending = 0, busyTime = 0, ...init }: Init = {}): Worker {
  const worker = { state: 'ready', lingers: false, hasStarted: true, upTime: 0, ...init };
  return { ...worker, load: { contending, busyTime } } as never;
}

function open(...inits: Init[]) {
  const set = new WorkerSet();
  const workers = inits.map(makeWorker);
  for (const worker of workers) set.all.add(worker);
  return { set, workers };
}

describe('WorkerSet', () => {
  it('workers that start or are ready are current, and leaving ones are not', () => {
    expect(open({ state: 'starting' }, {}, { state: 'leaving' }).set.current).toBe(2);
  });

  it('a worker is starting only until it is ready', () => {
    expect(open({ state: 'starting' }, {}).set.isAnyStarting).toBe(true);
    expect(open({}, { state: 'leaving' }).set.isAnyStarting).toBe(false);
  });

  it.each<[string, Init]>([
    ['is ready', {}],
    ['is leaving and has a task', { state: 'leaving', contending: 1 }],
  ])('a worker that %s counts as up', (_what, init) => {
    expect(open(init).set.isAnyUp).toBe(true);
  });

  it.each<[string, Init]>([
    ['starts', { state: 'starting', hasStarted: false }],
    ['is leaving and has paused streams at most', { state: 'leaving', contending: 0 }],
    ['is leaving and was never ready', { state: 'leaving', hasStarted: false, contending: 1 }],
  ])('a worker that %s does not count as up', (_what, init) => {
    expect(open(init).set.isAnyUp).toBe(false);
  });

  it('ready workers with a lingering task may be replaced, and leaving ones reduce their number', () => {
    const lingering: Init = { lingers: true };
    const leaving: Init = { lingers: true, state: 'leaving' };
    expect(open(lingering, lingering, {}).set.replaceable(4)).toBe(2);
    expect(open(lingering, lingering, {}).set.replaceable(1)).toBe(1);
    expect(open(lingering, lingering, leaving).set.replaceable(2)).toBe(1);
    expect(open(lingering, leaving, leaving, leaving).set.replaceable(2)).toBe(0);
  });

  it('a worker serves from its start until it stops, leaves or ends', () => {
    const { set, workers } = open({}, {}, {});
    for (const worker of workers) set.startReceiving(worker);
    const [first, second, third] = workers as [Worker, Worker, Worker];
    set.stopReceiving(first);
    expect(set.receiving).toEqual([second, third]);
    set.ended(second);
    expect([set.receiving, set.all.has(second)]).toEqual([[third], false]);
    set.close();
    expect(set.receiving).toEqual([]);
  });

  it('the utilization is the busy part of the time, also of workers that have ended', () => {
    const { set, workers } = open({ busyTime: 30, upTime: 100 }, { busyTime: 70, upTime: 100 });
    expect(set.utilization).toBe(0.5);
    set.ended(workers[1]!);
    expect(set.utilization).toBe(0.5);
  });

  it('the utilization is 0 without a worker, and never more than 1', () => {
    expect(new WorkerSet().utilization).toBe(0);
    expect(open({ busyTime: 101, upTime: 100 }).set.utilization).toBe(1);
  });
});
