/** Tasks that were cancelled and still run: blocked workers, replacements, and what they cost. */
import { describe, expect, it, vi } from 'vitest';
import type { Ledger } from '../../../src/protocol/ledger.js';
import { Scheduler, type SchedulerOptions } from '../../support/scheduler.js';
import { block, endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

/** A worker without an explicit `terminateAfter` that runs a. */
function open(options: SchedulerOptions = {}) {
  const scheduler = new Scheduler({ terminateAfter: undefined, ...options });
  const [w] = scheduler.start(1);
  const [a] = scheduler.send('a');
  w.claims(a);
  return { scheduler, w, a };
}

/** Lets the turn of the event loop end in which an answer is due. */
const passTurn = () => pass(1);

describe('a cancelled task that blocks its thread', () => {
  it('a worker that its cancelled task blocks is terminated less than 100 ms after the cancel', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(74);
    expect(w.log).toEqual(['run a', 'abort a', 'ping']);
    pass(1);
    passTurn();
    expect(w.log).toEqual(['run a', 'abort a', 'ping', 'kill']);
    expect(scheduler.events).toEqual(['recycled w-1: unresponsive']);
  });

  it('a worker whose answer arrived before the timer, but was read after it, is not terminated', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(75);
    w.pongs();
    passTurn();
    expect(w.log.at(-1)).toBe('ping');
  });

  it('a worker that answers is terminated 5 s after the cancel, because its task awaits', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(25);
    w.pongs();
    pass(4_974);
    expect(w.log.at(-1)).toBe('ping');
    pass(1);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('the worker of a task that has read whether it was cancelled is terminated 5 s after the cancel', () => {
    const { scheduler, w, a } = open();
    w.ledger.markCancelRead(w.slotOf(a));
    scheduler.cancel(a);
    pass(4_999);
    expect(w.log.at(-1)).toBe('ping');
    pass(1);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('the mark of a task that has read its cancel does not count for the next task in its slot', () => {
    const { scheduler, w, a } = open();
    w.ledger.markCancelRead(w.slotOf(a));
    w.ledger.clearCancelRead(w.slotOf(a));
    w.fulfils(a);
    const [b] = scheduler.send('b');
    w.claims(b);
    expect(b.slot).toBe(a.slot);
    scheduler.cancel(b);
    pass(76);
    expect(w.log.at(-1)).toBe('kill');
  });

  it.each([
    ['the executor', { terminateAfter: 300 }, {}],
    ['the task', {}, { terminateAfter: 300 }],
    ['the task rather than the executor', { terminateAfter: 5 }, { terminateAfter: 300 }],
  ])('an explicit terminateAfter applies to a blocked thread too: of %s', (_, options, init) => {
    const scheduler = new Scheduler({ terminateAfter: undefined, ...options });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a', init);
    w.claims(a);
    scheduler.cancel(a);
    pass(299);
    expect(w.log.at(-1)).toBe('ping');
    pass(1);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('a worker without shared memory counts as one whose task never read its cancel', () => {
    const { scheduler, w, a } = open({ canRevoke: false });
    scheduler.cancel(a);
    pass(76);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('the worker has more time if its event loop was idle, because it had no processor', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(25);
    w.idle += 40;
    pass(51);
    expect(w.log.at(-1)).toBe('ping');
    pass(51);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('the worker has more time if the main thread was busy when the answer was due', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(70);
    block(500);
    pass(7);
    expect(w.log.at(-1)).toBe('ping');
    pass(51);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('a task whose report arrives in the turn in which its answer is judged ends no worker', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(75);
    w.fulfils(a);
    passTurn();
    expect(w.log).toEqual(['run a', 'abort a', 'ping']);
    expect(scheduler.events).toEqual([]);
  });

  it('the reason is posted before the ledger shows the cancel, so that a task which sees it finds the reason', () => {
    const { scheduler, w, a } = open();
    const slot = w.slotOf(a);
    const isStopped = () => (w.ledger as Ledger).isStopped(slot);
    const post = vi.spyOn(w, 'post').mockImplementation(() => expect(isStopped()).toBe(false));
    scheduler.cancel(a);
    expect(post).toHaveBeenCalledTimes(1);
    expect(isStopped()).toBe(true);
  });

  it('a worker that answers receives no job ahead until its cancelled task has stopped', () => {
    const scheduler = new Scheduler({ terminateAfter: undefined, concurrency: 2 });
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a');
    w.claims(a);
    scheduler.cancel(a);
    pass(25);
    w.pongs();
    const [b, c] = scheduler.send('b c d e');
    expect([w.log.at(-1), scheduler.queue]).toEqual(['run b', 'c d e']);
    w.fulfils(b);
    endTick();
    expect([w.log.at(-1), scheduler.queue]).toEqual(['run c', 'd e']);
    w.rejects(a, new Error('aborted'));
    w.fulfils(c);
    endTick();
    expect([w.log.at(-1), scheduler.queue]).toEqual(['run d e', '']);
  });

  it('nothing happens to a task that has ended and whose report is on the way', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    w.ledger.finish(w.slotOf(a));
    pass(10_000);
    expect([w.log, scheduler.dispatcher.lingering]).toEqual([['run a', 'abort a'], 0]);
  });
});

describe('a blocked thread with other tasks', () => {
  const pair = (init = {}) => {
    const scheduler = new Scheduler({ terminateAfter: undefined, concurrency: 2 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    const [b] = scheduler.send('b', init);
    w.claims(a);
    return { scheduler, w, a, b };
  };

  it('a started task keeps the worker for 5 s and one ping', () => {
    const { scheduler, w, a, b } = pair();
    w.claims(b);
    scheduler.cancel(a);
    pass(5_999);
    expect(w.log.at(-1)).toBe('ping');
    pass(1);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('a task that has not started runs on another worker, and does not keep this one', () => {
    const { scheduler, w, a, b } = pair();
    scheduler.cancel(a);
    pass(25);
    expect([scheduler.queue, w.claims(b)]).toEqual(['b', false]);
    scheduler.workers[1]!.ready();
    expect(scheduler.workers[1]!.log).toEqual(['run b']);
    pass(51);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('another cancelled task keeps the worker if it has read its cancel', () => {
    const { scheduler, w, a, b } = pair();
    w.claims(b);
    w.ledger.markCancelRead(w.slotOf(b));
    scheduler.cancel(a);
    scheduler.cancel(b);
    pass(4_999);
    expect(w.log.at(-1)).toBe('ping');
  });

  it('another cancelled task keeps the worker for its own explicit terminateAfter', () => {
    const { scheduler, w, a, b } = pair({ terminateAfter: 60_000 });
    w.claims(b);
    scheduler.cancel(a);
    scheduler.cancel(b);
    pass(4_999);
    expect(w.log.at(-1)).toBe('ping');
  });

  it('a worker of which all tasks are cancelled is terminated early', () => {
    const { scheduler, w, a, b } = pair();
    w.claims(b);
    scheduler.cancel(a);
    pass(10);
    scheduler.cancel(b);
    pass(66);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('the worker receives nothing from the ping to its answer', () => {
    const { scheduler, w, a, b } = pair({ terminateAfter: 60_000 });
    w.fulfils(b);
    scheduler.cancel(a);
    pass(25);
    scheduler.send('c');
    expect([scheduler.queue, w.log.at(-1)]).toEqual(['c', 'ping']);
    w.pongs();
    endTick();
    expect([scheduler.queue, w.log.at(-1)]).toEqual(['', 'run c']);
  });
});

describe('replacements', () => {
  /** Each worker runs one task. All tasks but those of `spared` are cancelled, and x y z wait. */
  function lingering(maxWorkers: 1 | 2 | 3, options: SchedulerOptions = {}) {
    const scheduler = new Scheduler({ terminateAfter: Number.POSITIVE_INFINITY, maxWorkers, ...options });
    const workers = scheduler.start(maxWorkers);
    const jobs = workers.map((_, i) => scheduler.submitOne(`t${i + 1}`));
    endTick();
    workers.forEach((worker, i) => void worker.claims(jobs[i]!));
    return { scheduler, workers, jobs };
  }

  it('a replacement starts 25 ms after the cancel and runs what waits', () => {
    const { scheduler, workers, jobs } = lingering(1);
    scheduler.send('x');
    scheduler.cancel(jobs[0]!);
    pass(24);
    expect(scheduler.workers).toHaveLength(1);
    pass(1);
    expect(scheduler.workers).toHaveLength(2);
    scheduler.workers[1]!.ready();
    expect(scheduler.workers[1]!.log).toEqual(['run x']);
    expect(workers[0]!.log).toEqual(['run t1', 'abort t1', 'ping']);
  });

  it('no replacement starts if nothing waits', () => {
    const { scheduler, jobs } = lingering(1);
    scheduler.cancel(jobs[0]!);
    pass(1_000);
    expect(scheduler.workers).toHaveLength(1);
  });

  it('a task that is submitted later starts the replacement', () => {
    const { scheduler, jobs } = lingering(1);
    scheduler.cancel(jobs[0]!);
    pass(1_000);
    scheduler.send('x');
    expect(scheduler.workers).toHaveLength(2);
  });

  it('there are at most maxWorkers replacements', () => {
    const { scheduler, jobs } = lingering(2);
    scheduler.send('x y z');
    for (const job of jobs) scheduler.cancel(job);
    pass(25);
    expect(scheduler.workers).toHaveLength(4);
    const replacements = scheduler.workers.slice(2);
    for (const worker of replacements) worker.ready();
    const running = scheduler.dispatcher.workforce.receiving.flatMap(({ inFlight }) => inFlight.live());
    for (const worker of replacements)
      for (const job of running) if (job.worker?.name === worker.name) worker.claims(job as never);
    for (const job of running) scheduler.cancel(job as never);
    pass(1_000);
    expect([scheduler.workers.length, scheduler.queue]).toEqual([4, 'z']);
  });

  it('the idle replacement ends when the lingering task has stopped', () => {
    const { scheduler, workers, jobs } = lingering(1);
    const [x] = scheduler.send('x');
    scheduler.cancel(jobs[0]!);
    pass(25);
    const replacement = scheduler.workers[1]!;
    replacement.ready();
    replacement.fulfils(x);
    expect(replacement.log).toEqual(['run x']);
    workers[0]!.rejects(jobs[0]!, new Error('aborted'));
    expect([replacement.log.at(-1), scheduler.receiving]).toEqual(['end', 'w-1']);
  });

  it('the idle replacement ends although another task runs beside the task that has stopped', () => {
    const scheduler = new Scheduler({ terminateAfter: Number.POSITIVE_INFINITY, maxWorkers: 1, concurrency: 2 });
    const [w] = scheduler.start(1);
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    w.claims(b);
    const [x] = scheduler.send('x');
    scheduler.cancel(a);
    pass(25);
    const replacement = scheduler.workers[1]!;
    replacement.ready();
    replacement.fulfils(x);
    expect(replacement.log).toEqual(['run x']);
    w.rejects(a, new Error('aborted'));
    expect([replacement.log.at(-1), scheduler.receiving]).toEqual(['end', 'w-1']);
  });

  it('the idle worker ends if the replacement is busy when the lingering task has stopped', () => {
    const { scheduler, workers, jobs } = lingering(1);
    const [x] = scheduler.send('x');
    scheduler.cancel(jobs[0]!);
    pass(25);
    const replacement = scheduler.workers[1]!;
    replacement.ready();
    replacement.claims(x);
    workers[0]!.rejects(jobs[0]!, new Error('aborted'));
    expect([workers[0]!.log.at(-1), scheduler.receiving]).toEqual(['end', 'w-2']);
  });

  it('a replacement that comes up after the lingering task has stopped ends at once', () => {
    const { scheduler, workers, jobs } = lingering(1);
    const [x] = scheduler.send('x');
    scheduler.cancel(jobs[0]!);
    pass(25);
    workers[0]!.rejects(jobs[0]!, new Error('aborted'));
    expect(workers[0]!.log.at(-1)).toBe('run x');
    workers[0]!.claims(x);
    const replacement = scheduler.workers[1]!;
    replacement.ready();
    expect(replacement.log).toEqual(['end']);
  });

  it('a replacement becomes an ordinary worker if the lingering task loses its worker', () => {
    const { scheduler, workers, jobs } = lingering(1, { terminateAfter: 100 });
    const [x] = scheduler.send('x');
    scheduler.cancel(jobs[0]!);
    pass(25);
    const replacement = scheduler.workers[1]!;
    replacement.ready();
    pass(75);
    workers[0]!.ends({ exitCode: 1 });
    replacement.fulfils(x);
    scheduler.send('y');
    expect([replacement.log.at(-1), scheduler.workers.length]).toEqual(['run y', 2]);
  });

  it('a worker of a queue has no lingering tasks', () => {
    const { scheduler, workers, jobs } = lingering(1, { traits: { ownsWorkers: false } });
    scheduler.send('x');
    scheduler.cancel(jobs[0]!);
    pass(1_000);
    expect([scheduler.workers.length, workers[0]!.log, scheduler.dispatcher.lingering]).toEqual([
      1,
      ['run t1', 'abort t1'],
      0,
    ]);
  });
});

describe('the number of lingering tasks', () => {
  it('a task lingers from its cancel to its report', () => {
    const { scheduler, w, a } = open();
    expect(scheduler.dispatcher.lingering).toBe(0);
    scheduler.cancel(a);
    expect(scheduler.dispatcher.lingering).toBe(1);
    w.rejects(a, new Error('aborted'));
    expect(scheduler.dispatcher.lingering).toBe(0);
  });

  it('a task lingers to the end of its worker', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(76);
    expect(scheduler.dispatcher.lingering).toBe(1);
    w.ends({ exitCode: 1 });
    expect(scheduler.dispatcher.lingering).toBe(0);
  });

  it('a task that had not started when it was cancelled does not linger', () => {
    const { scheduler } = open();
    const [b] = scheduler.send('b');
    scheduler.cancel(b);
    expect(scheduler.dispatcher.lingering).toBe(0);
  });

  it('no timer is left when the tasks have stopped', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    w.rejects(a, new Error('aborted'));
    endTick();
    expect(vi.getTimerCount()).toBe(0);
  });
});
