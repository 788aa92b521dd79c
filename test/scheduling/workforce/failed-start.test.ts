import { BrokenExecutorError, TimeoutError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { StartFault } from '../../../src/backends/backend.js';
import {
  endedIdle,
  endedStarting,
  type FailedStart,
  notBooted,
  notInTime,
  notMade,
  noWorkerStarts,
  tooFewStart,
} from '../../../src/scheduling/workforce/failed-start.js';

const cause = new Error('no such file');
const config = { module: 'file:///tasks.js', initializer: 'init', finalizer: 'close' };
const worker = { name: 'crew-1', missing: undefined };

describe('a failed start', () => {
  it.each<[string, FailedStart, string]>([
    ['a module', notBooted('module', 'crew', config, cause), 'Task module "file:///tasks.js" could not be loaded'],
    ['an initializer', notBooted('initializer', 'crew', config, cause), 'Initializer "init" failed'],
    ['a finalizer', notBooted('finalizer', 'crew', config, cause), 'Finalizer "close" could not be found'],
    ['a connection', notBooted('connection', 'crew', config, cause), 'Executor "crew" could not connect to its queue'],
  ])(
    'a failed start with the fault of %s is final, and its message names the part and the error',
    (_part, failure, text) => {
      expect(failure).toEqual({ message: `${text}: Error: no such file`, cause, isFinal: true });
    },
  );

  it('a worker that could not be created may be tried again, unless an option is wrong', () => {
    expect(notMade('crew-1', cause)).toMatchObject({ cause, isFinal: false });
    expect(notMade('crew-1', new TypeError('bad flag'))).toMatchObject({ isFinal: true });
  });

  it('a failed start by a fault of the program is final, whether its worker was created or not', () => {
    const fault = new StartFault('needs a file', { cause });
    const expected = { message: 'Worker "crew-1" needs a file', cause, isFinal: true };
    expect(notMade('crew-1', fault)).toEqual(expected);
    expect(endedStarting(worker, { type: 'failed', error: fault })).toEqual(expected);
  });

  it('the end of a starting worker is not final, and its own error is the cause', () => {
    expect(endedStarting(worker, { type: 'failed', error: cause })).toMatchObject({ cause, isFinal: false });
    const { message, cause: death } = endedIdle(worker, { type: 'exited', exitCode: 9 });
    expect(message).toContain('Worker "crew-1" exited with code 9 before it started a task');
    expect(death).toMatchObject({ code: 'ERR_WORKER_DIED', exitCode: 9 });
  });

  it('a late start is a TimeoutError that says what the worker was doing, and what to do', () => {
    const late = notInTime(worker, 50, config);
    expect(late.cause).toBeInstanceOf(TimeoutError);
    expect(late.cause).toMatchObject({ phase: 'waiting' });
    expect((late.cause as Error).message).toBe(
      'Worker "crew-1" needed more than 50 ms to import "file:///tasks.js" and to run initializer "init". Increase startTimeout, or make the start faster.',
    );
  });

  it('a known reason for a late start replaces the guess, with its own advice', () => {
    const missing = { reason: 'its file does not call serveWorker()', advice: 'Call serveWorker().' };
    const { cause: error } = notInTime({ name: 'crew-1', missing }, 50, config);
    expect((error as Error).message).toMatch(/50 ms to start, because its file .* Call serveWorker\(\)\.$/);
  });
});

describe('the error for the user', () => {
  const failure: FailedStart = { message: 'Initializer "init" failed: no database.', cause, isFinal: true };

  it.each<[string, BrokenExecutorError, RegExp]>([
    ['no worker starts', noWorkerStarts(failure), /failed: no database\. No worker can be started\. Fix the error/],
    [
      'too few workers start',
      tooFewStart(failure, 3, 1),
      /waits for 3 workers, but 1 are up\. Fix .* lower minWorkers/,
    ],
  ])('a BrokenExecutorError says that %s, why, and what to do', (_what, error, text) => {
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect([error.message, error.cause]).toEqual([expect.stringMatching(text), cause]);
  });
});
