import { WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import type { Ending } from '../../../src/backends/ending.js';
import {
  diedBetweenSteps,
  diedFinalizing,
  diedIdle,
  diedStarting,
  workerDied,
} from '../../../src/scheduling/worker/worker-died.js';
import { FakeJob } from '../../support/fake-job.js';

const worker = { name: 'crew-1' };
const exited: Ending = { type: 'exited', exitCode: 7 };

describe('the error for the end of a worker', () => {
  it.each<[string, Ending, string]>([
    ['an exit code', exited, 'exited with code 7'],
    ['an unknown exit code', { type: 'exited', exitCode: undefined }, 'exited with code unknown'],
    ['a signal', { type: 'killed', signal: 'SIGKILL' }, 'was killed by SIGKILL'],
  ])(
    'the message of a WorkerDiedError contains %s, the worker, the task and its id, and what to do',
    (_what, ending, text) => {
      const { message } = workerDied(worker, new FakeJob(3, 'parse'), ending);
      expect(message).toContain(`Worker "crew-1" ${text} while running task "parse" (#3)`);
      expect(message).toMatch(/Set `retry` if running it twice is safe\.$/);
    },
  );

  it('an error of a worker is the cause of its WorkerDiedError, and its first line is in the message', () => {
    const cause = new RangeError('no memory.');
    const error = workerDied(worker, new FakeJob(3, 'parse'), { type: 'failed', error: cause, exitCode: 1 });
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error).toMatchObject({ cause, exitCode: 1, workerName: 'crew-1' });
    expect(error.message).toContain('failed while running task "parse" (#3): RangeError: no memory. A task');
  });

  it('all steps of a job are named in its WorkerDiedError, and a job without steps has its id', () => {
    const step = { key: 1, kind: 'export', text: '' } as const;
    const steps = [
      { ...step, name: 'parse' },
      { ...step, name: 'save' },
    ];
    expect(workerDied(worker, { id: 3, steps } as never, exited).message).toContain('task "parse → save" (#3)');
    expect(workerDied(worker, { id: 3, steps: [] } as never, exited).message).toContain('running task #3 ');
  });

  it('the message of a WorkerDiedError says what the worker did when it ended', () => {
    expect(diedStarting(worker, exited).message).toContain('code 7 while starting');
    expect(diedIdle(worker, exited).message).toContain('code 7 before it started a task');
    expect(diedFinalizing(worker, 'close', exited).message).toContain('code 7 while running finalizer "close"');
    expect(diedBetweenSteps(worker, 'save').message).toMatch(/before its step "save" started\. Call broadcast\(\)/);
  });
});
