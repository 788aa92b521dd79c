import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Receiver } from '../../../src/backends/threads/receiver.js';
import { RingReader, RingWriter, ringMemory, WAKE } from '../../../src/protocol/mailbox/ring.js';

/** Index and value of the state of a sleeping reader, as in ring.ts. */
const STATE = 2;
const ASLEEP = 1;

/** A receiver on this thread, and the other side of its mailbox. */
function mailbox({ isIdle, receivesAtOnce = true }: { isIdle: boolean; receivesAtOnce?: boolean }) {
  const memory = ringMemory();
  const writer = new RingWriter(memory);
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const received: string[] = [];
  const listener = {
    receive: (message: string) => void received.push(message),
    messageOf: ({ values }: { values: readonly unknown[] }) => `letters ${values.join(' ')}`,
    isIdle,
    unreadable: (cause: unknown) => {
      throw cause;
    },
  };
  const receiver = new Receiver<string>(port2, new RingReader(memory), listener, receivesAtOnce);
  const write = (value: string) => {
    expect(writer.isInOrder && writer.write([], [value], 0)).toBe(true);
  };
  const post = (message: string) => {
    port1.postMessage(message);
    writer.posted();
  };
  const state = () => new Int32Array(memory)[STATE];
  return {
    receiver,
    writer,
    received,
    write,
    post,
    wake: () => port1.postMessage(WAKE),
    state,
    arrived: once(port2, 'message'),
  };
}

it('letters are handled before the message that was sent after them', async () => {
  const { received, write, post, arrived } = mailbox({ isIdle: false });
  write('a');
  write('b');
  post('a message');
  await arrived;
  expect(received).toEqual(['letters a b', 'a message']);
});

it('next() returns letters and messages in their order, and handles none of them', () => {
  const { receiver, writer, received, write, post, wake } = mailbox({ isIdle: false });
  write('a');
  wake();
  post('a message');
  expect(receiver.next()).toBe('letters a');
  // A letter that was written now would be read before the message.
  expect(writer.isInOrder).toBe(false);
  expect(receiver.next()).toBe('a message');
  write('b');
  expect([receiver.next(), receiver.next()]).toEqual(['letters b', undefined]);
  wake();
  post('a message behind a wake-up');
  expect(receiver.next()).toBe('a message behind a wake-up');
  expect(received).toEqual([]);
});

it('a thread whose tasks wait for something sleeps in its event loop and never blocks', async () => {
  const wait = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => wait.mockRestore());
  const { post, arrived, state } = mailbox({ isIdle: false });
  post('a message');
  await arrived;
  await vi.waitFor(() => expect(state()).toBe(ASLEEP));
  expect(wait).not.toHaveBeenCalled();
});

it('an idle thread blocks once after its work, and then sleeps in its event loop', async () => {
  const wait = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => wait.mockRestore());
  const { post, arrived, state } = mailbox({ isIdle: true });
  post('a message');
  await arrived;
  await vi.waitFor(() => expect(state()).toBe(ASLEEP));
  expect(wait).toHaveBeenCalledTimes(1);
});

it('a letter that wakes a blocked thread is handled without a turn of the event loop', async () => {
  const { received, writer, write, post, arrived } = mailbox({ isIdle: true });
  const wait = vi.spyOn(Atomics, 'wait').mockImplementationOnce(() => {
    write('a');
    writer.wake();
    return 'ok';
  });
  onTestFinished(() => wait.mockRestore());
  post('a message');
  await arrived;
  await vi.waitFor(() => expect(received).toEqual(['a message', 'letters a']));
});

it('a thread of Deno reads letters at once, and receives each message in a turn of the event loop', async () => {
  const { receiver, received, write, post, arrived, state } = mailbox({ isIdle: true, receivesAtOnce: false });
  write('a');
  post('a message');
  expect([receiver.next(), receiver.next()]).toEqual(['letters a', undefined]);
  await arrived;
  post('another');
  await vi.waitFor(() => expect(received).toEqual(['a message', 'another']));
  await vi.waitFor(() => expect(state()).toBe(ASLEEP));
});
