/**
 * G17 Actors: the calls of an actor run on one worker, in submission order, one at a time
 * (`concurrency` raises the limit). Its state is never reset silently. If its worker dies, started
 * and waiting calls reject with ActorDiedError, and so do later calls, unless `restart` allows a
 * new instance. Ending an actor first finishes the calls that were submitted before, then disposes
 * of the instance on its worker.
 *
 * test/backends/conformance/actors.ts tests the same on each backend.
 */
import {
  Actor,
  ActorDiedError,
  all,
  allSettled,
  chain,
  Deferred,
  Executor,
  type ExecutorEvent,
  pipeline,
  QueueFullError,
  transfer,
  WorkerDiedError,
} from 'rx-futures';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { fixture, open } from '../support/open.js';
import { until } from '../support/until.js';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('G17 Actors: the order', () => {
  it('thousands of calls that are sent ahead run one at a time, in submission order', async () => {
    await using executor = open('actors.js', { maxWorkers: 2, concurrency: 8 });
    using gate = new Gate();
    const counters = numbers(5).map(() => executor.actors.Counter());
    const calls = numbers(1_000).map((i) => counters[i % 5]!.stay(gate.cells, i));
    await all(calls);
    for (let actor = 0; actor < 5; actor++) {
      const own = gate.notes.filter((mark) => (mark < 0 ? -1 - mark : mark) % 5 === actor);
      expect(own).toEqual(numbers(200).flatMap((n) => [5 * n + actor, -1 - (5 * n + actor)]));
    }
  });

  it('calls of many actors lose no update, although they read, wait and write', async () => {
    await using executor = open('actors.js');
    const counters = numbers(100).map(() => executor.actors.Counter());
    const calls = numbers(3_000).map((i) => counters[i % 100]!.addSlowly(1));
    await all(calls);
    expect(await all(counters.map((counter) => counter.add(0)))).toEqual(counters.map(() => 30));
  });

  it('calls of an actor with concurrency 4 start in submission order, and at most four run at the same time', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    await using counter = executor.actors.Counter.with({ concurrency: 4 })();
    await all(numbers(200).map((i) => counter.stay(gate.cells, i)));
    const starts = gate.notes.filter((mark) => mark >= 0);
    expect(starts).toEqual(numbers(200));
    let running = 0;
    let most = 0;
    for (const mark of gate.notes) {
      running += mark < 0 ? -1 : 1;
      most = Math.max(most, running);
    }
    expect(most).toBe(4);
  });

  it('a call whose argument is moved by transfer() keeps its place in the order', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    await using counter = executor.actors.Counter();
    const bytes = new Uint8Array(100_000);
    const calls = [counter.addSlowly(1), counter.length(transfer(bytes)), counter.addSlowly(1)];
    expect(bytes.byteLength).toBe(0);
    expect(await all(calls)).toEqual([1, 100_000, 2]);
  });

  it('steps that are chained onto a call run before the next call, on the worker of the actor', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter();
    const place = counter.place();
    const first = counter.addSlowly(1).pipe(chain(executor.tasks.whichWorker), chain(counter.snapshot));
    const second = counter.add(1);
    expect(await place).toBe(await counter.place());
    expect(await first).toMatchObject({ value: 1 });
    expect(await second).toBe(2);
  });

  it('a method that is chained onto a task runs before the calls that are submitted after chain()', async () => {
    await using executor = open('actors.js');
    using gate = new Gate();
    await using counter = executor.actors.Counter();
    const input = executor.tasks.linger(gate.cells, 5);
    const step = input.pipe(chain(counter.add));
    const later = counter.add(1);
    await gate.arrivals();
    gate.open();
    expect(await all([step, later])).toEqual([5, 6]);
  });

  it('a stream of an actor that waits for its reader delays the next call of the actor, and no task of the worker', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    await using counter = executor.actors.Counter();
    const stream = counter.noteEach.with({ highWaterMark: 1 }).stream(gate.cells, 100);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const call = counter.note(gate.cells, -5);
    expect(await all([executor.tasks.double(1), executor.tasks.double(2)])).toEqual([2, 4]);
    expect(call.state).toBe('pending');
    await iterator.return!();
    await call;
    expect(gate.notes.at(-1)).toBe(-5);
  });

  it('a method of an actor throws for a key and for a broadcast, and ignores the key of an executor', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter();
    expect(() => counter.add.with({ key: 'a' })).toThrow(TypeError);
    expect(() => executor.map(counter.add, [1], { key: () => 'a' })).toThrow('is a method of an actor');
    expect(() => executor.broadcast(counter.add, 1)).toThrow('which lives on one worker');
    expect(() => executor.actors.Counter.with({ key: 'a' } as object)).toThrow('unknown option "key"');
    const { key: _key, ...none } = { key: undefined };
    expect(await counter.add.with({ key: undefined, ...none } as object)(1)).toBe(1);
    expect(await executor.with({ key: 'a' }).submit(counter.add, 1)).toBe(2);
    expect(await counter.task.with({ priority: 1 })()).toMatchObject({ key: undefined });
  });
});

describe('G17 Actors: the end of the worker', () => {
  it('an idle actor dies with its worker, and later calls reject with ActorDiedError', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    const events = collect(executor);
    const counter = executor.actors.Counter();
    await counter.exitSoon();
    await until(() => Actor.state(counter) === 'dead');
    const later = counter.add(1);
    await expect(later).rejects.toBeInstanceOf(ActorDiedError);
    await expect(later).rejects.toBeInstanceOf(WorkerDiedError);
    await expect(later).rejects.toMatchObject({ name: 'ActorDiedError', workerName: 'executor-1', exitCode: 5 });
    expect(events.map(({ type }) => type)).toEqual(['actor-started', 'actor-died']);
  });

  it('the state of an actor is "dead" before its calls reject', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    const counter = executor.actors.Counter();
    const states: string[] = [];
    const calls = [counter.exit(1), counter.add(1)];
    for (const call of calls) call.addDoneCallback(() => states.push(Actor.state(counter)));
    await allSettled(calls);
    expect(states).toEqual(['dead', 'dead']);
  });

  it('an uncaught error ends the worker of an actor, which dies when the worker has ended', async () => {
    await using executor = open('actors.js', { maxWorkers: 1, onUnobservedError: () => {} });
    const counter = executor.actors.Counter();
    await counter.throwSoon();
    await until(() => Actor.state(counter) === 'dead');
    await expect(counter.add(1)).rejects.toMatchObject({ cause: new RangeError('thrown in a timer') });
  });

  it('a call that blocks its thread beyond its timeout ends the worker, and an actor with restart is constructed again', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    await using counter = executor.actors.Counter.with({ restart: 5 })(10);
    await counter.add(1);
    const stuck = counter.loopForever.with({ timeout: 20 })(gate.cells);
    const waiting = counter.add(1);
    await expect(stuck).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(await waiting).toBe(11);
  });

  it('a call that does not stop within terminateAfter ends its worker, and the actor dies', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    const counter = executor.actors.Counter.with({ terminateAfter: 30 })();
    const stuck = counter.ignoreCancel(gate.cells, 1);
    await gate.arrivals();
    stuck.cancel();
    await expect(counter.add(1)).rejects.toBeInstanceOf(ActorDiedError);
  });

  it('a restart constructs the actor with the arguments as they were at the call', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    const table = executor.share(new Map([['a', 1]]));
    const start = new Deferred<{ list: number[] }>();
    await using options = executor.actors.Options.with({ restart: 2 })(table, start.future);
    table.dispose();
    start.resolve({ list: [1, 2, 3] });
    expect(await options.read('a')).toEqual([1, 3]);
    await expect(options.exit(1)).rejects.toBeInstanceOf(ActorDiedError);
    expect(await options.read('a')).toEqual([1, 3]);
    expect(() => executor.actors.Counter.with({ restart: 1 })(transfer(new Uint8Array(8)) as never)).toThrow(
      'argument 1 is marked with transfer()',
    );
  });

  it('each restart emits an event, and an actor restarts at most as often as "restart" allows', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    const events = collect(executor);
    const counter = executor.actors.Counter.with({ restart: 2 })();
    for (let i = 0; i < 3; i++) await expect(counter.exit(1)).rejects.toBeInstanceOf(ActorDiedError);
    expect(Actor.state(counter)).toBe('dead');
    expect(events.map(({ type }) => type)).toEqual([
      'actor-started',
      'actor-restarted',
      'actor-restarted',
      'actor-died',
    ]);
    expect(events[2]).toMatchObject({ actor: 'Counter-1', restarts: 2, error: expect.any(ActorDiedError) });
  });

  it('a restart after a constructor that ended its worker counts for "restart"', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    await using lucky = executor.actors.Unlucky.with({ restart: 2 })(gate.cells, 3);
    expect(await lucky.runs()).toBe(3);
    using other = new Gate();
    const unlucky = executor.actors.Unlucky.with({ restart: 1 })(other.cells, 3);
    await expect(unlucky.runs()).rejects.toBeInstanceOf(ActorDiedError);
    expect(Actor.state(unlucky)).toBe('dead');
  });

  it('an actor whose worker ends before the constructor starts is constructed on another worker, without a restart', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    const task = executor.tasks.holdAndExit(gate.cells, 1);
    await gate.arrivals();
    const counter = executor.actors.Counter(3);
    const call = counter.add(1);
    await until(() => executor.stats().actors.byWorker['executor-1'] === 1);
    gate.open();
    await expect(task).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await call).toBe(4);
    expect(executor.stats().actors.byWorker).toEqual({ 'executor-2': 1 });
    await Actor.end(counter);
  });

  it('Actor.end() rejects if the worker ends before the object was disposed of', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    const counter = executor.actors.Counter();
    const call = counter.lingerAndExit(gate.cells, 4);
    await gate.arrivals();
    const ended = Actor.end(counter);
    gate.open();
    await expect(call).rejects.toBeInstanceOf(ActorDiedError);
    await expect(ended).rejects.toBeInstanceOf(ActorDiedError);
  });
});

describe('G17 Actors: the end', () => {
  it('calls that were submitted before Actor.end() finish, and so do chained calls and retries', async () => {
    await using executor = open('actors.js');
    using gate = new Gate();
    const counter = executor.actors.Counter.with({ concurrency: 2 })(1);
    const input = executor.tasks.linger(gate.cells, 5);
    const step = input.pipe(chain(counter.add));
    const retried = counter.noteAndFailUntil.with({ retry: { count: 2, delay: 20 } })(gate.cells, 3);
    const ended = Actor.end(counter);
    await gate.arrivals();
    gate.open();
    await ended;
    expect(step.state).toBe('fulfilled');
    expect(retried.state).toBe('fulfilled');
    expect(gate.notes).toEqual([1, 2, 3]);
  });

  it('await using ends the actor at the end of the block', async () => {
    await using executor = open('actors.js');
    using notes = new Gate();
    {
      await using connection = executor.actors.Connection(notes.cells);
      await connection.work();
      expect(notes.notes).toEqual([1, 2]);
    }
    expect(notes.notes).toEqual([1, 2, 3]);
  });

  it('Actor.end() calls Symbol.dispose of an object, and resolves for an object without a disposal', async () => {
    await using executor = open('actors.js');
    using notes = new Gate();
    await Actor.end(executor.actors.Syncable(notes.cells));
    expect(notes.notes).toEqual([3]);
    await Actor.end(executor.actors.Counter());
  });

  it('an error of the disposal rejects Actor.end(), or is reported at shutdown', async () => {
    const errors: unknown[] = [];
    const executor = open('actors.js', { onUnobservedError: (error) => errors.push(error) });
    const first = executor.actors.BadEnd();
    await expect(Actor.end(first)).rejects.toThrow('the file is gone');
    expect(Actor.state(first)).toBe('ended');
    executor.actors.BadEnd();
    await executor.shutdown();
    expect(errors).toEqual([new RangeError('the file is gone')]);
  });

  it('terminate() cancels a running call, and waits until the call has ended and its actor is disposed of', async () => {
    const executor = open('actors.js', { maxWorkers: 1 });
    using notes = new Gate();
    using gate = new Gate();
    const connection = executor.actors.Connection(notes.cells);
    const call = connection.linger(gate.cells);
    await gate.arrivals();
    const terminated = executor.terminate();
    expect(call.state).toBe('cancelled');
    gate.open();
    await terminated;
    expect(notes.notes).toEqual([1, 2, 3]);
  });

  it('terminate() does not wait for actors that need no disposal', async () => {
    const executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    const counter = executor.actors.Counter();
    const call = counter.linger(gate.cells);
    await gate.arrivals();
    await executor.terminate();
    expect(call.state).toBe('cancelled');
    expect(Actor.state(counter)).toBe('ended');
    await Actor.end(counter);
  });

  it('an object is disposed of if its constructor was cancelled while it ran', async () => {
    await using executor = open('actors.js', { terminateAfter: 60_000 });
    using gate = new Gate();
    const abort = new AbortController();
    const slow = executor.actors.Slow.with({ signal: abort.signal })(gate.cells);
    await gate.arrivals();
    abort.abort();
    expect(Actor.state(slow)).toBe('dead');
    await expect(slow.work()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    gate.open();
    await until(() => gate.notes.length === 1);
    expect(gate.notes).toEqual([3]);
  });

  it('the error of a constructor is reported once if no call rejects with it', async () => {
    const errors: unknown[] = [];
    const executor = open('actors.js', { onUnobservedError: (error) => errors.push(error) });
    const silent = executor.actors.Broken('nobody calls');
    const called = executor.actors.Broken('somebody calls');
    await expect(called.work()).rejects.toThrow('somebody calls');
    await until(() => Actor.state(silent) === 'dead');
    await executor.shutdown();
    expect(errors).toEqual([new RangeError('nobody calls')]);
  });

  it('a closed executor throws for a new actor and for a call, and its actors have ended', async () => {
    const executor = open('actors.js');
    const counter = executor.actors.Counter();
    await counter.add(1);
    await executor.shutdown();
    expect(Actor.state(counter)).toBe('ended');
    expect(() => executor.actors.Counter()).toThrow('is closed');
    expect(() => counter.add(1)).toThrow('is closed');
    await Actor.end(counter);
  });

  it('shutdown({ cancelPending }) cancels the calls that have not started, and ends the actors', async () => {
    const executor = open('actors.js', { maxWorkers: 1 });
    using notes = new Gate();
    using gate = new Gate();
    const connection = executor.actors.Connection(notes.cells);
    const calls = [connection.linger(gate.cells), connection.work()];
    await gate.arrivals();
    const closed = executor.shutdown({ cancelPending: true });
    gate.open();
    await closed;
    expect(calls.map(({ state }) => state)).toEqual(['fulfilled', 'cancelled']);
    expect(notes.notes).toEqual([1, 2, 3]);
  });

  it('a module that cannot be loaded rejects the calls of its actors', async () => {
    await using executor = new Executor<any>({ tasks: fixture('no-such-file.js') });
    const actor = executor.actors['Counter']!();
    await expect(actor['add']!(1)).rejects.toMatchObject({ code: 'ERR_BROKEN_EXECUTOR' });
    expect(Actor.state(actor)).toBe('dead');
  });
});

describe('G17 Actors: the worker', () => {
  it('actors are spread over the workers, and workers start for them', async () => {
    await using executor = open('actors.js', { maxWorkers: 4 });
    const counters = numbers(40).map(() => executor.actors.Counter());
    const places = await all(counters.map((counter) => counter.place()));
    const counts = new Map<string, number>();
    for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
    expect([...counts.values()]).toEqual([10, 10, 10, 10]);
    const { actors } = executor.stats();
    expect(actors.total).toBe(40);
    expect(Object.values(actors.byWorker)).toEqual([10, 10, 10, 10]);
    await Actor.end(counters[0]!);
    expect(executor.stats().actors.total).toBe(39);
  });

  it('a worker with actors is neither recycled by maxTasksPerWorker nor ended by idleTimeout', async () => {
    await using executor = open('actors.js', { maxWorkers: 2, maxTasksPerWorker: 30, idleTimeout: 20 });
    const events = collect(executor, 'worker-');
    const counters = [executor.actors.Counter(), executor.actors.Counter()];
    const places = await all(counters.map((counter) => counter.place()));
    expect(new Set(places).size).toBe(2);
    for (let i = 0; i < 40; i++) await counters[0]!.add(1);
    expect(events.map(({ type }) => type)).not.toContain('worker-recycled');
    // The worker of the other actor becomes idle, and ends after idleTimeout.
    await Actor.end(counters[1]!);
    await until(() => events.at(-1)!.type === 'worker-ended');
    expect(await counters[0]!.add(1)).toBe(41);
    expect(events.map(({ type }) => type)).not.toContain('worker-recycled');
    await Actor.end(counters[0]!);
    await until(() => events.filter(({ type }) => type === 'worker-ended').length === 2);
    expect(events).toContainEqual(expect.objectContaining({ type: 'worker-recycled', reason: 'max-tasks' }));
  });

  it('a worker whose heap is full is replaced when its last actor has ended', async () => {
    await using executor = open('actors.js', { maxWorkers: 1, maxMemoryPerWorker: 1 });
    const events = collect(executor, 'worker-recycled');
    const counter = executor.actors.Counter();
    for (let i = 0; i < 5; i++) await counter.add(1);
    expect(events).toEqual([]);
    expect(await counter.made()).toBe(1);
    await Actor.end(counter);
    expect(events).toMatchObject([{ reason: 'max-memory' }]);
  });

  it('two thousand actors with waiting calls on one worker delay neither tasks nor each other', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = new Gate();
    const counters = numbers(2_000).map(() => executor.actors.Counter());
    const calls = counters.map((counter, i) => counter.linger(gate.cells, i));
    await gate.arrivals(2_000);
    expect(await executor.tasks.double(2)).toBe(4);
    gate.open();
    expect(await all(calls)).toEqual(numbers(2_000));
  });

  it('a task that waits behind a call which blocks its worker moves to another worker', async () => {
    await using executor = open('actors.js', { maxWorkers: 2 });
    using gate = new Gate();
    await using counter = executor.actors.Counter();
    const call = counter.hold(gate.cells);
    await gate.arrivals();
    expect(await all(numbers(4).map((n) => executor.tasks.double(n)))).toEqual([0, 2, 4, 6]);
    gate.open();
    await call;
  });

  it('calls count for maxQueue while they wait for another call, and not when they can start', async () => {
    await using executor = open('actors.js', { maxWorkers: 1, maxQueue: 2 });
    await using counter = executor.actors.Counter();
    await using other = executor.actors.Counter();
    using gate = new Gate();
    await all([counter.add(0), other.add(0)]);
    const task = executor.tasks.linger(gate.cells);
    const calls = [counter.linger(gate.cells), counter.add(1), counter.add(1)];
    await gate.arrivals(2);
    await expect(counter.add(1)).rejects.toBeInstanceOf(QueueFullError);
    await expect(executor.tasks.double(1)).rejects.toBeInstanceOf(QueueFullError);
    expect(await other.add(1)).toBe(1);
    gate.open();
    await all([task, ...calls]);
  });

  it('calls count for the rate limit', async () => {
    await using executor = open('actors.js', { maxWorkers: 1, rateLimit: { count: 3, interval: 50 } });
    await using counter = executor.actors.Counter();
    const started = performance.now();
    await all(numbers(5).map(() => counter.add(1)));
    expect(performance.now() - started).toBeGreaterThan(40);
  });

  it('events and handles name an actor after its class, and a call after its class and method', async () => {
    const executor = open('actors.js', { maxWorkers: 1 });
    const events = collect(executor);
    const names: string[] = [];
    executor.events.subscribe((event) => event.type === 'task-submitted' && names.push(event.name));
    await using counter = executor.actors.Counter();
    await counter.add(1);
    expect(counter.add.name).toBe('Counter.add');
    expect(executor.actors.Counter.name).toBe('Counter');
    expect(`${counter} ${executor.actors} ${executor.actors.Counter}`).toBe(
      'Actor { Counter-1 } Actors { executor } ActorMaker { Counter }',
    );
    expect(JSON.stringify(counter)).toBe('{"name":"Counter-1","state":"alive"}');
    await executor.shutdown();
    expect(names).toEqual(['new Counter', 'Counter.add', 'end Counter']);
    expect(events).toMatchObject([
      { type: 'actor-started', actor: 'Counter-1', worker: 'executor-1' },
      { type: 'actor-ended', actor: 'Counter-1', worker: 'executor-1', error: undefined },
    ]);
  });

  it('executor.actors throws without a task module, and Actor.state() and Actor.end() throw for other values', async () => {
    await using executor = new Executor<any>();
    expect(() => executor.actors['Counter']).toThrow('has no task module');
    expect(() => Actor.state({} as never)).toThrow('expected an actor, got object');
    expect(() => Actor.end(undefined as never)).toThrow('expected an actor, got undefined');
  });

  it('a pipeline, a stream and a map of a method run on its actor', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter();
    expect(await pipeline(counter.add, counter.addSlowly)(2)).toBe(4);
    expect(await lastValueFrom(executor.map(counter.addSlowly, numbers(5)).pipe(toArray()))).toEqual([4, 5, 7, 10, 14]);
    expect(await firstValueFrom(counter.count.stream(100).pipe(take(1)))).toBe(15);
    expect(await executor.submit(counter.add, 0)).toBeGreaterThanOrEqual(15);
  });
});

/** Collects the events of actors, or of another kind. */
function collect(executor: Executor<any>, prefix = 'actor-'): ExecutorEvent[] {
  const events: ExecutorEvent[] = [];
  executor.events.subscribe((event) => {
    if (event.type.startsWith(prefix)) events.push(event);
  });
  return events;
}
