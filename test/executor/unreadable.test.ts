/**
 * Guarantee G5 for a message that one side has sent and the other can't read. Whatever the message
 * contained, no future stays pending.
 */
import { MessagePort } from 'node:worker_threads';
import { WorkerDiedError } from 'rx-futures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeUnreadable } from '../fixtures/unreadable.js';
import { open } from '../support/open.js';

afterEach(() => void vi.restoreAllMocks());

describe("a message that can't be read", () => {
  it.each(['giveUnreadable', 'giveUnreadableAndExit'] as const)(
    'an unreadable message of a worker (%s) ends that worker, rejects its tasks with the reason, and the next task runs',
    async (task) => {
      await using executor = open('unreadable.js', { maxWorkers: 1 });
      const { reason } = (await executor.submit(task).settled()) as { reason: any };
      expect(reason).toBeInstanceOf(WorkerDiedError);
      expect(reason.message).toMatch(/A message from the worker could not be read/);
      expect(reason.cause).toMatchObject({
        message: expect.stringMatching(/could not be read/),
        cause: expect.any(Error),
      });
      expect(await executor.tasks.echo('next')).toBe('next');
    },
  );

  it('an unreadable message to a worker ends that worker, rejects the tasks in it without a retry, and the next task runs', async () => {
    const reported = vi.fn();
    await using executor = open('unreadable.js', { maxWorkers: 1, onUnobservedError: reported });
    const { echo } = executor.tasks;
    await echo('up');
    const unreadable = spoilTasks();
    // A long string travels as a message, not as a letter of the mailbox.
    const { reason } = (await echo('lost'.repeat(100)).settled()) as { reason: any };
    expect(reason).toBeInstanceOf(WorkerDiedError);
    expect(reason.cause).toMatchObject({
      message: expect.stringMatching(/^A message to this worker could not be read\./),
      cause: expect.any(Error),
    });
    expect(unreadable).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
    expect(await echo('next')).toBe('next');
    expect(reported.mock.calls).toEqual([[reason.cause, { id: 0, name: 'executor-1' }]]);
  });
});

/**
 * Makes every task message unreadable until the mock is restored. The returned mock counts them.
 */
function spoilTasks(): ReturnType<typeof vi.fn> {
  const { postMessage } = MessagePort.prototype;
  const spoilt = vi.fn();
  vi.spyOn(MessagePort.prototype, 'postMessage').mockImplementation(function (this: MessagePort, message, list) {
    if (message?.type !== 'run') return postMessage.call(this, message, list as never);
    spoilt();
    return postMessage.call(this, { ...message, unreadable: makeUnreadable() });
  });
  return spoilt;
}
