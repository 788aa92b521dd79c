import { BrokenExecutorError, Deferred, ExecutorShutdownError, type Future } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';
import { LifeCycle } from '../../../src/engine/life-cycle/life-cycle.js';
import { PendingWork } from '../../../src/engine/life-cycle/pending-work.js';
import { insideStep } from '../../../src/engine/life-cycle/step-scope.js';
import type { CloseMode } from '../../../src/scheduling/workforce/workforce.js';
import { ending } from '../../support/ended.js';

/** A life cycle whose workers end when the test says so. */
function open({ minWorkers = 0, receiving = 0 } = {}) {
  const pending = new PendingWork();
  const futures: Future<unknown>[] = [];
  const ended = new Deferred<void>();
  const workforce = {
    receiving: Array.from({ length: receiving }),
    ensure: vi.fn(),
  };
  // The workforce has no close() here, because only Dispatcher.close() also drops cancel messages.
  const close = vi.fn<(how: CloseMode) => Promise<void>>(() => ended.future as never);
  const dispatcher = { workforce, close, pause: vi.fn(), resume: vi.fn() };
  const host = { name: 'crew', minWorkers, dispatcher, pending, endActors: vi.fn(() => false), closed: vi.fn() };
  const life = new LifeCycle({ ...host, unsettled: () => futures.filter((future) => !future.isSettled) } as never);
  const submit = () => {
    const work = new Deferred<number>();
    pending.added();
    work.future.addDoneCallback(() => pending.ended());
    futures.push(work.future);
    return work;
  };
  return { life, host, workforce, dispatcher, submit, workersEnd: () => ended.resolve() };
}

/** Lets promises that are already settled go on. */
async function ticks(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

describe('shutdown()', () => {
  it('shutdown() drains the pending work, then lets the workers leave, then closes', async () => {
    const { life, host, dispatcher, submit, workersEnd } = open();
    const work = submit();
    const closed = life.shutdown(false);
    expect(life.state).toBe('draining');
    await ticks();
    expect(dispatcher.close).not.toHaveBeenCalled();
    work.resolve(1);
    await ticks();
    expect(life.state).toBe('closed');
    expect(dispatcher.close.mock.calls).toEqual([['leave']]);
    expect(host.closed).not.toHaveBeenCalled();
    workersEnd();
    await closed;
    expect(host.closed).toHaveBeenCalledTimes(1);
  });

  it('shutdown() ends the actors when nothing is pending, and waits for their ends', async () => {
    const { life, host, dispatcher, submit, workersEnd } = open();
    const work = submit();
    let end: Deferred<number> | undefined;
    host.endActors.mockImplementationOnce(() => {
      end = submit();
      return true;
    });
    const closed = life.shutdown(false);
    await ticks();
    expect(host.endActors).not.toHaveBeenCalled();
    work.resolve(1);
    await ticks();
    expect(host.endActors).toHaveBeenCalledTimes(1);
    expect(dispatcher.close).not.toHaveBeenCalled();
    end!.resolve(1);
    workersEnd();
    await closed;
    expect(host.endActors).toHaveBeenCalledTimes(2);
  });

  it('shutdown() can be called twice and closes once', async () => {
    const { life, host, workersEnd } = open();
    workersEnd();
    await Promise.all([life.shutdown(false), life.shutdown(false)]);
    expect(host.closed).toHaveBeenCalledTimes(1);
  });

  it('shutdown() with cancelPending cancels the futures that have not started, and no other', async () => {
    const { life, submit, workersEnd } = open();
    const [running, waiting] = [submit(), submit()];
    running.start();
    workersEnd();
    const closed = life.shutdown(true);
    expect([running, waiting].map(({ future }) => ending(future))).toEqual([
      'running',
      'cancelled shutdown({ cancelPending: true })',
    ]);
    running.resolve(1);
    await closed;
  });

  it('a draining executor refuses tasks, except those of a step of a chain', () => {
    const { life, submit } = open();
    submit();
    void life.shutdown(false);
    expect(life.refusal()).toBeInstanceOf(ExecutorShutdownError);
    expect(life.refusal()!.message).toMatch(/"crew" is shutting down/);
    expect(insideStep(() => life.refusal())).toBe(undefined);
    expect(life.continuationRefusal()).toBe(undefined);
  });
});

describe('pause()', () => {
  it('pause() and resume() are passed on while the executor is open', () => {
    const { life, dispatcher } = open();
    life.pause();
    expect(dispatcher.pause).toHaveBeenCalledTimes(1);
    life.resume();
    expect(dispatcher.resume).toHaveBeenCalledTimes(1);
  });

  it('shutdown() resumes, and a later pause() has no effect', () => {
    const { life, dispatcher } = open();
    life.pause();
    void life.shutdown(false);
    life.pause();
    expect([dispatcher.pause.mock.calls.length, dispatcher.resume.mock.calls.length]).toEqual([1, 1]);
  });
});

describe('terminate()', () => {
  it('terminate() terminates the workers and cancels all futures at once', async () => {
    const { life, dispatcher, submit, workersEnd } = open();
    const work = submit();
    const closed = life.terminate();
    expect(life.state).toBe('closed');
    expect(dispatcher.close).toHaveBeenCalledWith('terminate');
    expect(ending(work.future)).toMatch(/^cancelled ExecutorShutdownError: Executor "crew" was terminated/);
    workersEnd();
    await closed;
    expect(life.refusal()!.message).toMatch(/"crew" is closed/);
  });

  it('terminate() ends a shutdown that waits for pending work', async () => {
    const { life, submit, workersEnd } = open();
    submit();
    const closed = life.shutdown(false);
    workersEnd();
    await Promise.all([life.terminate(), closed]);
    expect(life.state).toBe('closed');
  });
});

describe('cutOff()', () => {
  it('cutOff() kills the workers and cancels all futures with a TimeoutError as the cause', async () => {
    const { life, dispatcher, submit, workersEnd } = open();
    const work = submit();
    const closed = life.cutOff(20);
    expect(new Set(dispatcher.close.mock.calls.flat())).toEqual(new Set(['cutOff']));
    expect(ending(work.future)).toMatch(/^cancelled TimeoutError: Executor "crew" did not shut down within 20 ms/);
    workersEnd();
    await closed;
  });

  it.each(['shutdown', 'terminate'] as const)('cutOff() also ends the workers whose end %s() awaits', async (call) => {
    const { life, dispatcher, workersEnd } = open();
    const closed = call === 'shutdown' ? life.shutdown(false) : life.terminate();
    await ticks();
    expect(dispatcher.close).not.toHaveBeenCalledWith('cutOff');
    void life.cutOff(20);
    expect(dispatcher.close).toHaveBeenLastCalledWith('cutOff');
    workersEnd();
    await closed;
  });
});

describe('broke()', () => {
  it('a broken executor rejects its futures and refuses new tasks with the same error', async () => {
    const { life, submit } = open();
    const work = submit();
    const error = new BrokenExecutorError('no worker starts');
    const late = new Deferred<number>();
    life.broke(error);
    life.settleUnrunnable(late.future);
    for (const { future } of [work, late]) expect(await future.settled()).toMatchObject({ reason: error });
    expect([life.state, life.refusal(), life.continuationRefusal()]).toEqual(['broken', error, error]);
  });

  it('a broken executor stays broken when it is shut down', async () => {
    const { life, workersEnd } = open();
    life.broke(new BrokenExecutorError('no worker starts'));
    workersEnd();
    await life.shutdown(false);
    expect(life.state).toBe('broken');
  });
});

describe('the end of the life', () => {
  it('an executor breaks while it drains, and stays broken when its workers have ended', async () => {
    const { life, submit, workersEnd } = open();
    const work = submit();
    const closed = life.shutdown(false);
    const error = new BrokenExecutorError('no worker starts');
    life.broke(error);
    expect([life.state, ending(work.future)]).toEqual(['broken', 'rejected BrokenExecutorError: no worker starts']);
    workersEnd();
    await closed;
    expect([life.state, life.refusal()]).toEqual(['broken', error]);
  });

  it('an executor that has closed neither breaks nor drains', async () => {
    const { life, workersEnd } = open();
    workersEnd();
    await life.terminate();
    life.broke(new BrokenExecutorError('too late'));
    await life.shutdown(false);
    expect(life.state).toBe('closed');
    expect(life.refusal()).toBeInstanceOf(ExecutorShutdownError);
  });

  it('an executor is closed while its workers still end, and shutdown() resolves when the last has ended', async () => {
    const { life, host, submit, workersEnd } = open();
    const work = submit();
    const resolved = vi.fn();
    const closed = life.shutdown(false).then(resolved);
    work.resolve(1);
    await ticks();
    expect([life.state, work.future.state]).toEqual(['closed', 'fulfilled']);
    expect(life.refusal()!.message).toMatch(/"crew" is closed/);
    expect([resolved, host.closed].map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
    workersEnd();
    await closed;
    expect(life.state).toBe('closed');
  });
});

describe('ready()', () => {
  it('ready() asks for at least one worker, and waits until it is ready', async () => {
    const { life, workforce } = open();
    const ready = life.ready();
    expect(workforce.ensure).toHaveBeenCalledWith(1);
    life.reached(1);
    await ready;
  });

  it('ready() waits for minWorkers', async () => {
    const { life, workforce } = open({ minWorkers: 3 });
    const isReady = vi.fn();
    const ready = life.ready().then(isReady);
    life.reached(2);
    await ticks();
    expect(isReady).not.toHaveBeenCalled();
    life.reached(3);
    await ready;
    expect(workforce.ensure).toHaveBeenCalledWith(3);
  });

  it('ready() resolves at once if enough workers are ready', async () => {
    await open({ minWorkers: 2, receiving: 2 }).life.ready();
  });

  it('ready() rejects if too few workers start, or if the executor closes', async () => {
    const { life, workersEnd } = open();
    const error = new BrokenExecutorError('no worker starts');
    const early = life.ready();
    life.incomplete(error);
    await expect(early).rejects.toBe(error);
    const waiting = life.ready();
    workersEnd();
    await life.terminate();
    await expect(waiting).rejects.toBeInstanceOf(ExecutorShutdownError);
    await expect(life.ready()).rejects.toBeInstanceOf(ExecutorShutdownError);
  });
});
