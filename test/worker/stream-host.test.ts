/** The messages of a stream to the main thread: its values, and its failure from outside. */
import { describe, expect, it } from 'vitest';
import type { FromWorker } from '../../src/protocol/messages.js';
import type { Transferable } from '../../src/protocol/transfer.js';
import { decodeError } from '../../src/protocol/wire-error.js';
import type { Post } from '../../src/worker/host.js';
import { failStream, toMain } from '../../src/worker/stream-host.js';
import { TaskContext } from '../../src/worker/task-context.js';

function record() {
  const posted: FromWorker[] = [];
  const moved: (readonly Transferable[] | undefined)[] = [];
  const post: Post = (message, transfer) => {
    posted.push(message);
    moved.push(transfer);
  };
  return { posted, moved, post };
}

describe('the messages of a stream', () => {
  it('the values of a stream are posted with their slot, their size and their moved parts', () => {
    const { posted, moved, post } = record();
    const parts = [new ArrayBuffer(1)];
    toMain(7, post)(['a', 'b'], 20, undefined, parts);
    expect(posted).toEqual([{ type: 'values', slot: 7, values: ['a', 'b'], bytes: 20 }]);
    expect(Object.keys(posted[0]!)).not.toContain('creditLeft');
    expect(moved).toEqual([parts]);
  });

  it('a stream that waits because of its bytes posts the credit that it has left, even if that is 0', () => {
    const { posted, post } = record();
    toMain(7, post)([], 0, 0, undefined);
    expect(posted).toEqual([{ type: 'values', slot: 7, values: [], bytes: 0, creditLeft: 0 }]);
  });

  it('a failure from outside is posted, aborts the task, and leaves no second way to reject it', () => {
    const { posted, post } = record();
    const task = new TaskContext(7, 1, 'count', 1, 'w-1', undefined as never, undefined);
    const faults: unknown[] = [];
    task.fault = (error) => faults.push(error);
    const error = new RangeError('out of paper');
    failStream(post, task, error);
    const [message] = posted as [Extract<FromWorker, { type: 'stream-failed' }>];
    expect([posted.length, message.type, message.slot]).toEqual([1, 'stream-failed', 7]);
    expect(decodeError(message.error)).toEqual(error);
    expect([task.fault, faults, task.signal.reason]).toEqual([undefined, [], error]);
  });
});
