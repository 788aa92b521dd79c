/** Actors: objects on a worker, whose methods are tasks. */
import { Actor, ActorDiedError, all, chain, Deferred, pipeline, TaskNotFoundError, TimeoutError } from 'rx-futures';
import { lastValueFrom, toArray } from 'rxjs';
import { expect } from 'vitest';
import { next } from '../../support/events.js';
import type { Suite } from '../describe-backend.js';

export function actors({ it, open, makeGate, exitCode }: Suite): void {
  it('an actor keeps its state between its calls, which run on one worker', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter(10);
    expect(await Promise.all([counter.add(1), counter.add(2), counter.add(3)])).toEqual([11, 13, 16]);
    const places = await all(Array.from({ length: 50 }, () => counter.place()));
    expect(new Set(places).size).toBe(1);
  });

  it('the calls of an actor run one at a time, in submission order, although workers interleave tasks', async () => {
    await using executor = open('actors.js', { concurrency: 4 });
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    await all(Array.from({ length: 50 }, (_, i) => counter.stay(gate.cells, i)));
    expect(gate.notes).toEqual(Array.from({ length: 50 }, (_, i) => [i, -1 - i]).flat());
  });

  it('an actor leaves a worker that waits for a stream, so a reader that awaits its calls goes on', async () => {
    await using executor = open('actors.js', { maxWorkers: 1, concurrency: 2 });
    using gate = makeGate();
    await using counter = executor.actors.Counter.with({ restart: 1 })(100);
    await counter.add(0);
    const stuck = executor.tasks.linger.with({ terminateAfter: 0 })(gate.cells);
    await gate.arrivals();
    const values: number[] = [];
    for await (const n of executor.tasks.range.with({ highWaterMark: 1 }).stream(3)) {
      if (n === 2) {
        const recycled = next(executor, 'worker-recycled');
        stuck.cancel();
        await recycled;
      }
      values.push(await counter.add(n));
    }
    expect(values).toEqual([101, 102, 105]);
  });

  it('the option "concurrency" of an actor is the number of its calls that run at the same time', async () => {
    await using executor = open('actors.js');
    using gate = makeGate();
    await using counter = executor.actors.Counter.with({ concurrency: 3 })();
    const calls = Array.from({ length: 4 }, (_, i) => counter.linger(gate.cells, i));
    await gate.arrivals(3);
    expect(gate.arrived).toBe(3);
    gate.open();
    expect(await all(calls)).toEqual([0, 1, 2, 3]);
  });

  it('a call that waits delays neither tasks nor other actors', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = makeGate();
    await using first = executor.actors.Counter();
    await using second = executor.actors.Counter(5);
    const waiting = first.linger(gate.cells);
    await gate.arrivals();
    expect(await all([second.add(1), executor.tasks.double(2), second.add(1)])).toEqual([6, 4, 7]);
    expect(waiting.state).not.toBe('fulfilled');
    gate.open();
    await waiting;
  });

  it('a task that waits does not delay the calls of an actor on its worker', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    await counter.add(1);
    const tasks = [executor.tasks.linger(gate.cells), executor.tasks.double(1)];
    await gate.arrivals();
    expect(await all([counter.add(1), counter.add(1)])).toEqual([2, 3]);
    gate.open();
    await all(tasks);
  });

  it('a call keeps its place while it waits for an argument that is a Future', async () => {
    await using executor = open('actors.js');
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    const mark = new Deferred<number>();
    const calls = [counter.note(gate.cells, mark.future), counter.note(gate.cells, 2)];
    await executor.tasks.double(1);
    expect(gate.notes).toEqual([]);
    mark.resolve(1);
    await all(calls);
    expect(gate.notes).toEqual([1, 2]);
  });

  it('a call keeps its place between retries', async () => {
    await using executor = open('actors.js');
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    const calls = [counter.noteAndFailUntil.with({ retry: 3 })(gate.cells, 3), counter.note(gate.cells, 10)];
    await all(calls);
    expect(gate.notes).toEqual([1, 2, 3, 10]);
  });

  it('submission order wins over priority among the calls of an actor', async () => {
    await using executor = open('actors.js');
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    const calls = [0, 1, 2].map((n) => counter.note.with({ priority: n })(gate.cells, n));
    await all(calls);
    expect(gate.notes).toEqual([0, 1, 2]);
  });

  it('a method that yields values is a stream, and a call after it waits for its end', async () => {
    await using executor = open('actors.js');
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    const values = lastValueFrom(counter.noteEach.stream(gate.cells, 3).pipe(toArray()));
    const after = counter.note(gate.cells, 9);
    expect(await values).toEqual([0, 1, 2]);
    await after;
    expect(gate.notes).toEqual([0, 1, 2, 9]);
    expect(await lastValueFrom(counter.count.stream(3).pipe(toArray()))).toEqual([1, 3, 6]);
    expect(await counter.add(0)).toBe(6);
  });

  it('errors, progress and the running task of a method are those of a task', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter(7);
    await expect(counter.fail('no')).rejects.toThrow(new RangeError('no'));
    const reported: unknown[] = [];
    const report = counter.report();
    report.progress.subscribe((value) => reported.push(value));
    await report;
    expect(reported).toEqual([7]);
    expect(await counter.task.with({ context: 'c' })()).toMatchObject({
      name: 'Counter.task',
      key: undefined,
      attempt: 1,
      context: 'c',
    });
  });

  it('a method that the class lacks, and a class that the module lacks, reject with a TaskNotFoundError', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter();
    const missing = (counter as any).missing();
    await expect(missing).rejects.toBeInstanceOf(TaskNotFoundError);
    await expect(missing).rejects.toThrow('Class "Counter" has no method "missing". It has: add, ');
    await expect((counter as any).double()).rejects.toThrow('has "double" as number, not as a method');
    const strange = (executor.actors as any).Nothing();
    await expect(strange.work()).rejects.toBeInstanceOf(TaskNotFoundError);
    expect(Actor.state(strange)).toBe('dead');
  });

  it('every call rejects with the error that the constructor has thrown', async () => {
    await using executor = open('actors.js');
    const broken = executor.actors.Broken('no disk');
    expect(Actor.state(broken)).toBe('starting');
    const outcomes = await Promise.allSettled([broken.work(), broken.work()]);
    const errors = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason);
    expect(errors[0]).toEqual(new RangeError('no disk'));
    expect(errors[1]).toBe(errors[0]);
    expect(Actor.state(broken)).toBe('dead');
    await expect(broken.work()).rejects.toBe(errors[0]);
    await Actor.end(broken);
  });

  it('Actor.end() finishes the calls that were submitted before, then disposes of the object', async () => {
    await using executor = open('actors.js');
    using gate = makeGate();
    using notes = makeGate();
    const connection = executor.actors.Connection(notes.cells);
    const calls = [connection.linger(gate.cells), connection.work()];
    await gate.arrivals();
    const ended = Actor.end(connection);
    expect(Actor.end(connection)).toBe(ended);
    const later = connection.work();
    gate.open();
    await ended;
    expect(notes.notes).toEqual([1, 2, 2, 3]);
    expect(Actor.state(connection)).toBe('ended');
    await all(calls);
    await expect(later).rejects.toBeInstanceOf(ActorDiedError);
    await expect(connection.work()).rejects.toThrow('was ended, so it accepts no calls');
  });

  it('shutdown() ends the actors after their calls', async () => {
    const executor = open('actors.js');
    using notes = makeGate();
    const connections = [executor.actors.Connection(notes.cells), executor.actors.Connection(notes.cells)];
    const calls = connections.map((connection) => connection.work());
    await executor.shutdown();
    await all(calls);
    expect(notes.notes.toSorted()).toEqual([1, 1, 2, 2, 3, 3]);
    expect(connections.map((connection) => Actor.state(connection))).toEqual(['ended', 'ended']);
  });

  it('terminate() disposes of the objects on workers that are free', async () => {
    const executor = open('actors.js', { maxWorkers: 1 });
    using notes = makeGate();
    const connection = executor.actors.Connection(notes.cells);
    await connection.work();
    await executor.terminate();
    expect(notes.notes).toEqual([1, 2, 3]);
    expect(Actor.state(connection)).toBe('ended');
  });

  it('a call is a step of a chain and of a pipeline, and steps follow a call', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter(1);
    const { double, add } = executor.tasks;
    expect(await add(1, 1).pipe(chain(counter.add), chain(double))).toBe(6);
    expect(await counter.add(1).pipe(chain(double), chain(counter.add))).toBe(12);
    expect(await pipeline(add, counter.add, double)(1, 1)).toBe(28);
    expect(await pipeline(counter.add, counter.add)(1)).toBe(30);
  });

  it('map calls a method for each input, in order', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter();
    expect(await lastValueFrom(executor.map(counter.add, [1, 2, 3, 4]).pipe(toArray()))).toEqual([1, 3, 6, 10]);
  });

  it('a cancelled call that waits never runs, and the later ones run', async () => {
    await using executor = open('actors.js');
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    const first = counter.linger(gate.cells);
    const [second, third] = [counter.note(gate.cells, 2), counter.note(gate.cells, 3)];
    await gate.arrivals();
    expect(second.cancel()).toBe(true);
    gate.open();
    await all([first, third]);
    expect(gate.notes).toEqual([3]);
  });

  it('a cancelled call that still runs blocks its actor until it has ended', async () => {
    await using executor = open('actors.js', { terminateAfter: 60_000 });
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    const first = counter.ignoreCancel(gate.cells, 1);
    await gate.arrivals();
    first.cancel();
    const second = counter.note(gate.cells, 2);
    gate.open();
    await second;
    expect(gate.notes).toEqual([1, 2]);
  });

  it('a running call receives its cancel, and its timeout', async () => {
    // The gate of a browser may block the thread for longer than a stopped task may by default.
    await using executor = open('actors.js', { terminateAfter: 60_000 });
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    const first = counter.untilCancelled(gate.cells);
    await gate.arrivals();
    first.cancel();
    await expect(counter.untilCancelled.with({ timeout: 20 })(gate.cells)).rejects.toBeInstanceOf(TimeoutError);
    await counter.add(1);
    expect(gate.notes).toEqual([-1, -1]);
  });

  it('values of an actor are copied, and its object stays where it is', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter(3);
    const object = { x: 1 };
    expect(await counter.change(object)).toEqual({ x: 3 });
    expect(object).toEqual({ x: 1 });
    await expect(counter.bad()).rejects.toMatchObject({ code: 'ERR_SERIALIZATION' });
    await expect(executor.tasks.double(counter as any)).rejects.toMatchObject({ code: 'ERR_SERIALIZATION' });
  });

  it('the arguments of a constructor may be values, futures and shared values', async () => {
    await using executor = open('actors.js');
    const table = executor.share(new Map([['a', 1]]));
    const object = { list: [1, 2] };
    await using options = executor.actors.Options(table, object);
    object.list.push(3);
    expect(await options.read('a')).toEqual([1, 2]);
    await using counter = executor.actors.Counter(executor.tasks.double(4));
    expect(await counter.add(1)).toBe(9);
  });

  it('an actor can be awaited like any object, and a call of its method "then" rejects with a TypeError', async () => {
    await using executor = open('actors.js');
    const counter = executor.actors.Counter(1);
    expect(await counter).toBe(counter);
    expect(await Promise.resolve(counter)).toBe(counter);
    await expect((counter as any).then(1)).rejects.toBeInstanceOf(TypeError);
    expect(await counter.add(1)).toBe(2);
  });

  it('methods may have the names of the functions for actors', async () => {
    await using executor = open('actors.js');
    await using counter = executor.actors.Counter();
    expect(await all([counter.state(1), counter.end(), counter.with()])).toEqual([
      'the state method',
      'the end method',
      'the with method',
    ]);
  });

  it('a paused executor starts no call, and resume() keeps their order', async () => {
    await using executor = open('actors.js');
    using gate = makeGate();
    await using counter = executor.actors.Counter();
    await counter.add(1);
    executor.pause();
    const calls = [1, 2, 3].map((n) => counter.note(gate.cells, n));
    expect(gate.notes).toEqual([]);
    executor.resume();
    await all(calls);
    expect(gate.notes).toEqual([1, 2, 3]);
  });

  it('an actor is dead if its worker ends: started, waiting and later calls reject', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = makeGate();
    const counter = executor.actors.Counter();
    const started = counter.lingerAndExit(gate.cells, 7);
    const waiting = [counter.add(1), counter.add(new Deferred<number>().future)];
    await gate.arrivals();
    gate.open();
    for (const call of [started, ...waiting]) await expect(call).rejects.toBeInstanceOf(ActorDiedError);
    await expect(started).rejects.toMatchObject({
      code: 'ERR_ACTOR_DIED',
      actorName: 'Counter-1',
      exitCode: exitCode(7),
    });
    expect(Actor.state(counter)).toBe('dead');
    await expect(counter.add(1)).rejects.toBeInstanceOf(ActorDiedError);
    await Actor.end(counter);
    expect(await executor.tasks.double(1)).toBe(2);
  });

  it('calls that had not started run on a new object after a restart, and a started one rejects', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    using gate = makeGate();
    await using counter = executor.actors.Counter.with({ restart: 1 })(100);
    await counter.add(1);
    const started = counter.lingerAndExit(gate.cells, 7);
    const waiting = [counter.add(1), counter.add(2)];
    await gate.arrivals();
    gate.open();
    await expect(started).rejects.toBeInstanceOf(ActorDiedError);
    expect(await all(waiting)).toEqual([101, 103]);
    expect(Actor.state(counter)).toBe('alive');
    await expect(counter.exit(3)).rejects.toBeInstanceOf(ActorDiedError);
    expect(Actor.state(counter)).toBe('dead');
    await expect(counter.add(1)).rejects.toMatchObject({ exitCode: exitCode(3) });
  });

  it('a started call with "retry" runs again on the new object after a restart', async () => {
    await using executor = open('actors.js', { maxWorkers: 1 });
    await using counter = executor.actors.Counter.with({ restart: 1 })(4);
    expect(await counter.exitAtFirst.with({ retry: 1 })()).toBe(4);
    const other = executor.actors.Counter(4);
    await expect(other.exitAtFirst.with({ retry: 1 })()).rejects.toBeInstanceOf(ActorDiedError);
  });
}
