import { describe, expect, it } from 'vitest';
import type { Recorded, Run } from '../../src/trace/recorded.js';
import { startOf, writeEvents } from '../../src/trace/write-events.js';
import { faultsIn } from './check-trace.js';

/** 2026, so that the rounding of such numbers counts. */
const EPOCH = 1_790_000_000_000;
const PID = 4_711;

let lastId = 0;

/** A run whose times are in ms since `EPOCH`. */
function run(startedAt: number, endedAt: number, more: Partial<Run> = {}): Run {
  return {
    type: 'run',
    id: ++lastId,
    name: 'parse',
    upstreamId: undefined,
    attempt: 1,
    submittedAt: EPOCH,
    startedAt: EPOCH + startedAt,
    endedAt: EPOCH + endedAt,
    worker: 'crew-1',
    threadId: 7,
    status: 'fulfilled',
    error: undefined,
    ...more,
  };
}

const unstarted = { startedAt: undefined, worker: undefined, threadId: undefined };

/** Writes a trace and checks its form. */
function write(...recorded: Recorded[]) {
  const events = [...writeEvents(recorded, { executor: 'crew', pid: PID, start: startOf(recorded) })];
  expect(faultsIn(events)).toEqual([]);
  const of = (ph: string) => events.filter((event) => event.ph === ph);
  const threads = of('M').flatMap(({ name, args }) => (name === 'thread_name' ? [args!['name']] : []));
  /** The names of the slices and moments on a thread, in the order of time. */
  const on = (thread: string) => {
    const tid = threads.indexOf(thread);
    const ofThread = events.filter((event) => event.tid === tid && 'Xi'.includes(event.ph));
    return ofThread.sort((a, b) => a.ts - b.ts).map(({ name }) => name);
  };
  /** The ids of the tasks at the events of each arrow, with the kinds of events. */
  const arrows = [...new Set(of('s').map(({ id }) => id))].map((id) =>
    events
      .filter((event) => event.id === id && 'stf'.includes(event.ph))
      .map(({ ph, tid, ts }) => {
        const slice = of('X').find((each) => each.tid === tid && each.ts <= ts && ts < each.ts + each.dur!)!;
        return `${ph}${slice.args!['id']}`;
      })
      .join(' '),
  );
  return { events, of, on, threads, arrows };
}

describe('slices', () => {
  it('a run is a slice on the thread of its worker, in microseconds since the first event', () => {
    const { of, threads } = write(run(1, 3.5, { id: 12 }));
    expect(threads).toEqual(['queue', 'crew-1']);
    const args = { id: 12, attempt: 1, status: 'fulfilled', error: undefined, upstreamId: undefined, threadId: 7 };
    expect(of('X')).toEqual([{ name: 'parse', ph: 'X', cat: 'task', ts: 1_000, dur: 2_500, pid: PID, tid: 1, args }]);
  });

  it('the process and its threads have names, and workers are in the order of their numbers', () => {
    const { of, threads } = write(...['crew-10', 'crew-2', 'crew-1'].map((worker) => run(0, 1, { worker })));
    expect(threads).toEqual(['queue', 'crew-1', 'crew-2', 'crew-10']);
    expect(of('M')[0]).toMatchObject({ name: 'process_name', args: { name: 'rx-futures crew' } });
  });

  it('a worker that has several runs at the same time has several rows', () => {
    const { threads, on } = write(run(0, 10, { name: 'a' }), run(1, 3, { name: 'b' }), run(4, 5, { name: 'c' }));
    expect(threads).toEqual(['queue', 'crew-1', 'crew-1 (2)']);
    expect([on('crew-1'), on('crew-1 (2)')]).toEqual([['a'], ['b', 'c']]);
  });

  it('two thousand runs of no length that follow each other are on one row', () => {
    const runs = Array.from({ length: 2_000 }, (_, i) => run(i / 1e4, i / 1e4));
    expect(write(...runs).threads).toEqual(['queue', 'crew-1']);
  });

  it('a failed, a retried and a cancelled run have a color and a moment that says so', () => {
    const { of, on } = write(
      run(0, 1, { status: 'retried', error: 'TypeError' }),
      run(2, 3, { status: 'rejected', error: 'RangeError' }),
      run(4, 5, { status: 'cancelled' }),
      run(6, 7),
    );
    expect(of('X').map(({ cname }) => cname)).toEqual(['bad', 'terrible', 'grey', undefined]);
    const moments = ['retried: TypeError', 'rejected: RangeError', 'cancelled'];
    expect(on('crew-1')).toEqual(moments.flatMap((moment) => ['parse', moment]).concat('parse'));
  });

  it('the start of a worker is a slice, and what happens to workers and actors are moments', () => {
    const at = { worker: 'crew-1', threadId: 7 };
    const { on } = write(
      { type: 'start', ...at, startedAt: EPOCH, endedAt: EPOCH + 40 },
      { type: 'mark', cat: 'actor', name: 'actor-started', ...at, at: EPOCH + 50, args: { actor: 'Counter-1' } },
      { type: 'mark', cat: 'worker', name: 'worker-died', worker: 'crew-2', threadId: 8, at: EPOCH + 60, args: {} },
    );
    expect(on('crew-1')).toEqual(['start of the worker', 'actor-started']);
    expect(on('crew-2')).toEqual(['worker-died']);
  });

  it('a recording of nothing is a trace without slices', () => {
    expect(write().of('X')).toEqual([]);
  });
});

describe('waits', () => {
  const waits = ({ of }: ReturnType<typeof write>) => of('b').map(({ id, ts }, i) => [id, ts, of('e')[i]!.ts] as const);

  it('a run waits from its submit to its start', () => {
    expect(waits(write(run(2, 3, { id: 5 })))).toEqual([['5.1', 0, 2_000]]);
  });

  it('a step of a chain waits from the end of its upstream, and not at all on the same worker', () => {
    const [first, second] = [run(0, 4, { id: 1 }), run(4, 5, { id: 2, upstreamId: 1 })];
    const third = run(7, 8, { id: 3, upstreamId: 2, worker: 'crew-2' });
    expect(waits(write(first, second, third))).toEqual([['3.1', 5_000, 7_000]]);
  });

  it('a task that never started waits until it is cancelled', () => {
    const { of } = write(run(0, 9, { ...unstarted, id: 6, status: 'cancelled' }));
    expect(of('X')).toEqual([]);
    expect(of('b')).toMatchObject([{ ts: 0, args: { status: 'cancelled' } }]);
    expect(of('e')).toMatchObject([{ ts: 9_000 }]);
  });

  it('a step whose upstream has failed has waited for nothing', () => {
    const failed = run(0, 1, { id: 1, status: 'rejected', error: 'Error' });
    const step = run(0, 1, { ...unstarted, id: 2, upstreamId: 1, status: 'rejected', error: 'Error' });
    expect(waits(write(failed, step))).toEqual([]);
  });

  it('a retry waits from the end of its delay', () => {
    const failed = run(0, 1, { id: 1, status: 'retried', error: 'Error' });
    const again = run(8, 9, { id: 1, attempt: 2, submittedAt: EPOCH + 6 });
    expect(waits(write(failed, again))).toEqual([['1.2', 6_000, 8_000]]);
  });
});

describe('arrows', () => {
  it('a chain is one arrow through all of its slices', () => {
    const runs = [1, 2, 3].map((id) => run(id, id + 1, { id, upstreamId: id === 1 ? undefined : id - 1 }));
    expect(write(...runs).arrows).toEqual(['s1 t2 f3']);
  });

  it('each further dependent of a task has an arrow of its own', () => {
    const tree = [
      run(0, 1, { id: 1 }),
      run(1, 2, { id: 2, upstreamId: 1 }),
      run(2, 3, { id: 3, upstreamId: 1, worker: 'crew-2' }),
      run(3, 4, { id: 4, upstreamId: 3, worker: 'crew-2' }),
      run(5, 6, { id: 5, upstreamId: 2 }),
    ];
    expect(write(...tree).arrows).toEqual(['s1 t2 f5', 's1 t3 f4']);
  });

  it('an arrow leaves the last run of a retried task and ends at the first run of its step', () => {
    const runs = [
      run(0, 1, { id: 1, status: 'retried', error: 'Error' }),
      run(1, 2, { id: 1, attempt: 2 }),
      run(2, 3, { id: 2, upstreamId: 1, status: 'retried', error: 'Error' }),
      run(3, 4, { id: 2, upstreamId: 1, attempt: 2 }),
    ];
    const { of, arrows } = write(...runs);
    expect(arrows).toEqual(['s1 f2']);
    expect([of('s')[0]!.ts, of('f')[0]!.ts]).toEqual([1_000, 2_000]);
  });

  it('a step whose upstream was dropped has no arrow', () => {
    expect(write(run(1, 2, { id: 9, upstreamId: 8 })).arrows).toEqual([]);
  });
});
