/**
 * One actor: what happens to its calls when its object is constructed, ends or is lost. The test
 * plays the workers, so each race has an exact order.
 */
import { ActorDiedError, CancelledError, type Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../src/backends/node.js';
import type { ActorOptions } from '../../../src/engine/actors/actor-options.js';
import { Engine } from '../../../src/engine/engine.js';
import { ofActor } from '../../../src/engine/run/key.js';
import { resolveOptions } from '../../../src/options/resolve.js';
import { REPORT_FULFILLED } from '../../../src/protocol/messages.js';
import type { Job } from '../../../src/scheduling/job/job.js';
import { FakeBackend } from '../../support/fake-backend.js';
import type { FakeJob } from '../../support/fake-job.js';
import type { FakeWorker } from '../../support/fake-worker.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

/** An engine with one actor, whose constructor has been sent to a worker. */
function start(options: ActorOptions = {}) {
  const backend = new FakeBackend();
  const unobserved: unknown[] = [];
  const onUnobservedError = (error: unknown) => unobserved.push(error);
  const engine = new Engine(
    resolveOptions({ tasks: 'file:///tasks.js', backend, maxWorkers: 1, onUnobservedError }, runtimes),
  );
  const events: string[] = [];
  engine.events.events.subscribe(({ type }) => type.startsWith('actor-') && events.push(type));
  const control = engine.actors.make('Counter', [], options);
  endTick();
  backend.workers[0]!.ready();
  const step = engine.actors.methodStep('Counter', 'add');
  /** Calls the actor, and sends the call if it may be sent. */
  const call = (): Future<any> => {
    const future = engine.run({ engine, steps: [step], name: step.name, options: ofActor(control.lane, {}) }, []);
    future.settled();
    endTick();
    return future;
  };
  return { engine, backend, control, events, unobserved, call };
}

type Started = ReturnType<typeof start>;

const fake = (job: Job | { readonly id: number }) => job as FakeJob;

/** The worker reports that it has constructed the object, which may have a disposal. */
function construct({ control }: Started, worker: FakeWorker, isDisposable = false): void {
  worker.reports([fake(control.lane.setup!), REPORT_FULFILLED, isDisposable]);
  endTick();
}

describe('the constructor', () => {
  it('calls wait until the object exists, and the actor is alive then', () => {
    const started = start();
    const { backend, control, call, events } = started;
    const [w] = backend.workers as [FakeWorker];
    call();
    expect([w.log, control.state]).toEqual([['run new Counter'], 'starting']);
    construct(started, w);
    expect([w.log, control.state, events]).toEqual([
      ['run new Counter', 'run Counter.add'],
      'alive',
      ['actor-started'],
    ]);
  });

  it('an error of the constructor rejects waiting and later calls, and is not reported beside them', () => {
    const { backend, control, call, events, unobserved } = start();
    const waiting = call();
    backend.workers[0]!.rejects(fake(control.lane.setup!), new RangeError('no disk'));
    expect([control.state, events]).toEqual(['dead', ['actor-died']]);
    for (const future of [waiting, call()]) expect(reasonOf(future)).toMatchObject({ message: 'no disk' });
    expect(unobserved).toEqual([]);
  });

  it('a constructor that 1. runs, 2. is cancelled, 3. finishes leaves an object, which is disposed of', () => {
    const abort = new AbortController();
    const { backend, control, call } = start({ signal: abort.signal });
    const [w] = backend.workers as [FakeWorker];
    const setup = fake(control.lane.setup!);
    w.claims(setup);
    abort.abort();
    endTick();
    expect(control.state).toBe('dead');
    expect(reasonOf(call())).toBeInstanceOf(CancelledError);
    expect(w.log).not.toContain('run end Counter');
    w.reports([setup, REPORT_FULFILLED, true]);
    endTick();
    expect(w.log.at(-1)).toBe('run end Counter');
  });

  it('a constructor that 1. is sent, 2. is cancelled, 3. is skipped by the worker leaves nothing to dispose of', () => {
    const abort = new AbortController();
    const { engine, backend, control } = start({ signal: abort.signal });
    const [w] = backend.workers as [FakeWorker];
    const setup = fake(control.lane.setup!);
    abort.abort();
    endTick();
    w.skips(setup);
    endTick();
    expect([control.state, [...engine.actors.all]]).toEqual(['dead', []]);
    expect(w.log.filter((line) => line.startsWith('run'))).toEqual(['run new Counter']);
  });
});

describe('the end of the worker', () => {
  it('an actor whose worker ends before the constructor starts moves to the next worker, without a restart', () => {
    const started = start();
    const { backend, control, events } = started;
    backend.workers[0]!.ends({ exitCode: 1 });
    // The next worker starts after a pause, because the first one has run nothing.
    pass(10_000);
    expect(control.state).toBe('starting');
    backend.workers[1]!.ready();
    construct(started, backend.workers[1]!);
    expect([control.state, events]).toEqual(['alive', ['actor-started']]);
  });

  it('an actor without "restart" dies with its worker: started, waiting and later calls reject', () => {
    const started = start();
    const { backend, control, call, events } = started;
    const [w] = backend.workers as [FakeWorker];
    construct(started, w);
    const calls = [call(), call()];
    w.claims(fake(calls[0]!));
    w.ends({ exitCode: 1 });
    endTick();
    expect([control.state, events]).toEqual(['dead', ['actor-started', 'actor-died']]);
    for (const future of [...calls, call()]) expect(reasonOf(future)).toBeInstanceOf(ActorDiedError);
  });

  it('an actor with "restart" is constructed again, and the calls that had not started follow', () => {
    const started = start({ restart: 1 });
    const { backend, control, call, events } = started;
    const [w] = backend.workers as [FakeWorker];
    construct(started, w);
    const [running, waiting] = [call(), call()];
    w.claims(fake(running!));
    w.ends({ exitCode: 1 });
    endTick();
    expect(control.state).toBe('starting');
    expect(reasonOf(running!)).toBeInstanceOf(ActorDiedError);
    const next = backend.workers[1]!;
    next.ready();
    construct(started, next);
    expect(events).toEqual(['actor-started', 'actor-restarted']);
    expect(next.log).toEqual(['run new Counter', 'run Counter.add']);
    next.fulfils(fake(waiting!));
    expect(waiting!.state).toBe('fulfilled');
  });

  it('an actor dies with the worker of its last restart', () => {
    const started = start({ restart: 1 });
    const { backend, control, call } = started;
    construct(started, backend.workers[0]!);
    backend.workers[0]!.ends({ exitCode: 1 });
    endTick();
    const waiting = call();
    backend.workers[1]!.ready();
    construct(started, backend.workers[1]!);
    backend.workers[1]!.ends({ exitCode: 1 });
    endTick();
    expect(control.state).toBe('dead');
    expect(reasonOf(waiting)).toBeInstanceOf(ActorDiedError);
  });
});

describe('Actor.end()', () => {
  it('the disposal is sent when the calls before it have ended, and calls after it are refused', () => {
    const started = start();
    const { backend, control, call, events } = started;
    const [w] = backend.workers as [FakeWorker];
    construct(started, w, true);
    const before = call();
    const ended = control.end();
    endTick();
    expect(control.end()).toBe(ended);
    expect(reasonOf(call())).toMatchObject({ message: expect.stringContaining('was ended') });
    const [end] = [...control.lane];
    w.fulfils(fake(before));
    endTick();
    expect(w.log.at(-1)).toBe('run end Counter');
    w.fulfils(fake(end!));
    expect([control.state, events]).toEqual(['ended', ['actor-started', 'actor-ended']]);
  });

  it('an error of the disposal rejects the end, and the actor has ended nevertheless', async () => {
    const started = start();
    const { backend, control } = started;
    const [w] = backend.workers as [FakeWorker];
    construct(started, w, true);
    const ended = control.end();
    const [end] = [...control.lane];
    endTick();
    w.rejects(fake(end!), new RangeError('the file is gone'));
    await expect(ended).rejects.toThrow('the file is gone');
    expect(control.state).toBe('ended');
  });

  it('an end whose worker is lost before the disposal rejects with ActorDiedError', async () => {
    const started = start({ restart: 5 });
    const { backend, control } = started;
    construct(started, backend.workers[0]!, true);
    const ended = control.end();
    endTick();
    backend.workers[0]!.ends({ exitCode: 1 });
    endTick();
    await expect(ended).rejects.toBeInstanceOf(ActorDiedError);
    expect(control.state).toBe('dead');
  });

  it('an end that was cancelled leaves the actor alive, and can be asked for again', () => {
    const started = start();
    const { backend, control, call } = started;
    const [w] = backend.workers as [FakeWorker];
    construct(started, w, true);
    const running = call();
    const first = control.end();
    first.catch(() => {});
    const [end] = [...control.lane];
    (end as unknown as { future: Future<unknown> }).future.cancel();
    endTick();
    expect(control.state).toBe('alive');
    const second = control.end();
    expect(second).not.toBe(first);
    w.fulfils(fake(running));
    endTick();
    expect(w.log.at(-1)).toBe('run end Counter');
  });

  it('the end of an actor that has died has nothing to do', async () => {
    const started = start();
    const { backend, control } = started;
    construct(started, backend.workers[0]!);
    backend.workers[0]!.ends({ exitCode: 1 });
    endTick();
    await control.end();
    expect([control.state, control.submitEnd()]).toEqual(['dead', false]);
  });
});

describe('the arguments of the constructor', () => {
  it('shared values are freed if another argument can’t be passed', () => {
    const started = start();
    const { engine, backend, control } = started;
    const [w] = backend.workers as [FakeWorker];
    const shared = engine.sharing.share([1]);
    w.fulfils(fake(control.lane.setup!));
    const other = engine.actors.make('Counter', [shared], {});
    endTick();
    w.fulfils(fake(other.lane.setup!));
    expect(() => engine.actors.make('Counter', [shared, { nested: shared }], {})).toThrow(TypeError);
    shared.dispose();
    expect(w.log.map((line) => line.split(' ')[0])).toEqual(['run', 'share', 'run', 'unshare']);
  });
});

function reasonOf(future: Future<unknown>): unknown {
  const { outcome } = future;
  return outcome === undefined || outcome.status === 'fulfilled' ? outcome?.status : outcome.reason;
}
