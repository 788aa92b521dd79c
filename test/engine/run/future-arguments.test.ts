import { Deferred, Future } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';
import type { Engine } from '../../../src/engine/engine.js';
import { captureForLater, hasFuture, whenArguments } from '../../../src/engine/run/future-arguments.js';
import type { AwaitedArguments } from '../../../src/engine/run/rare-fields.js';
import type { TaskRun } from '../../../src/engine/run/task-run.js';
import { ending, failure } from '../../support/ended.js';

/** A captured value asks for the traits of the backend. */
const engine = { traits: {} } as Engine;

/** A run that records what it is submitted with. */
function runOf(name = 'add') {
  const own = new Deferred<unknown>();
  const submitted: unknown[] = [];
  let awaited: AwaitedArguments | undefined;
  const run = {
    name,
    future: own.future,
    rare: {},
    waitsFor: (waited: AwaitedArguments) => {
      awaited = waited;
    },
    submitCaptured: ({ args }: { args: unknown[] }) => submitted.push(args),
    fail: vi.fn<(error: unknown) => void>(),
  };
  return { run: run as unknown as TaskRun, failed: run.fail, submitted, own, awaited: () => awaited! };
}

describe('arguments that are futures', () => {
  it('a run is submitted when all futures are fulfilled, with their values in place', () => {
    const [one, two] = [new Deferred<number>(), new Deferred<number>()];
    const { run, submitted } = runOf();
    whenArguments(run, [one.future, 'between', two.future]);
    two.resolve(2);
    expect(submitted).toEqual([]);
    one.resolve(1);
    expect(submitted).toEqual([[1, 'between', 2]]);
  });

  it('the values beside the futures are captured at the call', () => {
    const waiting = new Deferred<number>();
    const list = [1];
    const { run, submitted } = runOf();
    whenArguments(run, [waiting.future, list]);
    list.push(2);
    waiting.resolve(0);
    expect(submitted).toEqual([[0, [1]]]);
  });

  it('a rejected argument rejects the run, and a cancelled one cancels it', () => {
    const rejected = runOf();
    whenArguments(rejected.run, [Future.reject(failure), new Deferred().future]);
    expect(ending(rejected.own.future)).toBe('rejected Error: lost');
    const cancelled = runOf();
    const argument = new Deferred();
    whenArguments(cancelled.run, [argument.future]);
    argument.cancel('enough');
    expect(ending(cancelled.own.future)).toBe('cancelled enough');
    expect([...rejected.submitted, ...cancelled.submitted]).toEqual([]);
    rejected.own.future.settled();
  });

  it('a value that cannot be sent rejects the run', () => {
    const { run, own } = runOf();
    whenArguments(run, [Future.resolve(() => {})]);
    expect(ending(own.future)).toMatch(/^rejected SerializationError/);
    own.future.settled();
  });

  it('`pending` lists the futures that have not settled, and stop() abandons them', () => {
    const [done, waiting] = [Future.resolve(1), new Deferred<number>()];
    const { run, awaited } = runOf();
    whenArguments(run, [done, waiting.future]);
    expect(awaited().pending).toEqual([waiting.future]);
    awaited().stop('no reader');
    expect(ending(waiting.future)).toBe('cancelled no reader');
  });

  it('a future that other code reads is not cancelled by stop()', () => {
    const waiting = new Deferred<number>();
    waiting.future.subscribe();
    const { run, awaited } = runOf();
    whenArguments(run, [waiting.future]);
    awaited().stop('no reader');
    expect(waiting.future.state).toBe('pending');
  });

  it('hasFuture() finds a future only at the top level', () => {
    expect(hasFuture([1, Future.resolve(1)])).toBe(true);
    expect(hasFuture([[Future.resolve(1)], Promise.resolve(1)])).toBe(false);
  });
});

describe('captureForLater', () => {
  it('the arguments are captured once, and each run receives them', () => {
    const list = [1];
    const submit = captureForLater([list], engine);
    list.push(2);
    const runs = [runOf(), runOf()];
    for (const { run } of runs) submit(run);
    expect(runs.map(({ submitted }) => submitted)).toEqual([[[[1]]], [[[1]]]]);
  });

  it('arguments that cannot be sent reject each run', () => {
    const submit = captureForLater([() => {}], engine);
    const { run, failed } = runOf();
    submit(run);
    expect(failed.mock.calls[0]![0]).toMatchObject({ name: 'SerializationError', path: 'arguments[0]' });
  });
});
