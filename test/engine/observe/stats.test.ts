import { describe, expect, it } from 'vitest';
import { Counters, statsOf } from '../../../src/engine/observe/stats.js';

type JobPlace = 'sent' | 'claimed';

const worker = (state: string, ...jobs: JobPlace[]) => ({
  name: 'worker-1',
  state,
  actors: new Set<string>(),
  inFlight: { count: jobs.length, live: () => jobs.values() },
  hasClaimed: (job: JobPlace) => job === 'claimed',
});

function statsWith(...workers: ReturnType<typeof worker>[]) {
  const counters = new Counters();
  const workforce = { all: workers, utilization: 0.5 };
  const backlog = { lanes: { actors: { all: new Set(['assigned', 'waiting for a worker']) } } };
  const dispatcher = { queued: 2, workforce, backlog };
  return statsOf({ recorder: { counters }, pending: { count: 4 }, dispatcher } as never);
}

describe('statsOf', () => {
  it('each worker is starting, idle, busy or leaving', () => {
    const { workers } = statsWith(
      worker('starting'),
      worker('ready'),
      worker('ready', 'sent'),
      worker('ready', 'claimed', 'sent'),
      worker('leaving', 'claimed'),
    );
    expect(workers).toEqual({ starting: 1, idle: 1, busy: 2, leaving: 1 });
  });

  it('a task is running if its worker has claimed it, also on a worker that is leaving', () => {
    expect(statsWith(worker('ready', 'claimed', 'sent'), worker('leaving', 'claimed')).running).toBe(2);
  });

  it('an actor counts under the name of its worker once it has one', () => {
    const assigned = { ...worker('ready'), name: 'worker-2', actors: new Set(['assigned']) };
    expect(statsWith(worker('ready'), assigned).actors).toEqual({ total: 2, byWorker: { 'worker-2': 1 } });
  });

  it('the other numbers come from the queue and the workforce', () => {
    expect(statsWith()).toMatchObject({ pending: 4, queued: 2, running: 0, utilization: 0.5 });
  });
});

describe('Counters', () => {
  it('each settled future counts under its state', () => {
    const counters = new Counters();
    for (const state of ['fulfilled', 'rejected', 'rejected', 'cancelled'] as const) counters.settled(state);
    expect(counters).toMatchObject({ fulfilled: 1, rejected: 2, cancelled: 1 });
  });
});
