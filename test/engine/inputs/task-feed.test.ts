/** The stream of a task, which another task reads: the values that pass through the main thread. */
import { describe, expect, it } from 'vitest';
import type { FeedTarget } from '../../../src/engine/inputs/feed.js';
import { TaskFeed } from '../../../src/engine/inputs/task-feed.js';
import { isInsideStep } from '../../../src/engine/life-cycle/step-scope.js';
import { here } from '../../../src/platform/context.js';
import type { ToInput } from '../../../src/protocol/stream/messages.js';
import type { Transferable } from '../../../src/protocol/transfer.js';
import { decodeError } from '../../../src/protocol/wire-error.js';
import { ResultStream, type Sink } from '../../../src/stream/result-stream.js';

/** A feed whose source the test plays. The log has the messages to the worker and to the source. */
function newFeed({ bytes = Number.POSITIVE_INFINITY, produce = (_sink: Sink<unknown>) => {} } = {}) {
  const log: unknown[] = [];
  const moved: unknown[] = [];
  const worker = {
    postInput(message: ToInput, transfer: readonly Transferable[] = []) {
      moved.push(...transfer);
      if (message.type === 'input-values') {
        structuredClone(message.values, { transfer: [...transfer] as never });
        log.push(`${message.values} (${message.bytes} bytes)`);
      } else if (message.type === 'input-ended') log.push(message.failure ? decodeError(message.failure) : 'end');
    },
  };
  const source = new ResultStream<unknown>((sink) => {
    produce(sink);
    return { stop: () => log.push('stop'), valueRead: () => log.push('value read') };
  });
  const input = { source, position: 0, mark: { values: 4, bytes }, context: here() };
  const feed = new TaskFeed({ run: {}, input, worker, number: 5 } as unknown as FeedTarget, source);
  return { feed, log, moved };
}

describe('the stream of a task that another task reads', () => {
  it('the values of one tick are sent in one message, and count as buffered until the task has read them', async () => {
    const { feed, log } = newFeed();
    feed.start();
    for (const n of [1, 2, 3]) expect(feed.next(n)).toBe(false);
    expect([feed.buffered, log]).toEqual([3, []]);
    await Promise.resolve();
    expect(log).toEqual(['1,2,3 (0 bytes)']);
    feed.granted(2);
    expect([feed.buffered, log.at(-1)]).toEqual([1, 'value read']);
  });

  it('the values are measured only if the reader has a limit in bytes', async () => {
    const { feed, log } = newFeed({ bytes: 1_000 });
    feed.start();
    feed.next('abc');
    await Promise.resolve();
    expect(log).toEqual(['abc (11 bytes)']);
  });

  it('the end and the error of the source follow the values that were not sent yet', () => {
    const { feed, log } = newFeed();
    feed.start();
    feed.next(1);
    feed.complete();
    expect(log).toEqual(['1 (0 bytes)', 'end', 'stop']);
    const other = newFeed();
    other.feed.start();
    other.feed.next(1);
    other.feed.error(new RangeError('lost'));
    expect(other.log).toEqual(['1 (0 bytes)', new RangeError('lost'), 'stop']);
  });

  it('a source that ends while it starts is stopped after that, and its end is sent once', () => {
    const { feed, log } = newFeed({ produce: (sink) => sink.complete() });
    feed.start();
    expect([log, feed.isClosed]).toEqual([['end', 'stop'], true]);
  });

  it('a task that leaves stops the source, and receives neither values nor the end', async () => {
    const { feed, log } = newFeed();
    feed.start();
    feed.next(1);
    feed.leave();
    feed.complete();
    await Promise.resolve();
    expect(log).toEqual(['stop']);
  });

  it('a port that has just arrived is moved on, because it can’t be copied', async () => {
    const { feed, moved } = newFeed();
    const { port1, port2 } = new MessageChannel();
    feed.start();
    feed.next(port1);
    await Promise.resolve();
    expect(moved).toEqual([port1]);
    port2.close();
  });

  it('a value that can’t be sent on is an error of the source, after the values before it', async () => {
    const { feed, log } = newFeed();
    feed.start();
    feed.next(1);
    feed.next(() => {});
    await Promise.resolve();
    expect(log[0]).toBe('1 (0 bytes)');
    expect(log[1]).toMatchObject({ name: 'SerializationError' });
    expect(log.slice(2)).toEqual(['stop']);
  });

  it('a draining executor accepts the source, because it has accepted the task that reads', () => {
    let wasInside = false;
    const { feed } = newFeed({
      produce: () => {
        wasInside = isInsideStep();
      },
    });
    feed.start();
    expect([wasInside, isInsideStep()]).toEqual([true, false]);
  });
});
