/** How messages with buffers are posted on Deno. */
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { post } from '../../src/protocol/post.js';
import { postByCopy, postMoving } from '../../src/protocol/post-by-copy.js';

function openChannel() {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  return { port: port1, arrived: once(port2, 'message') };
}

const values = (...values: unknown[]) => ({ type: 'input-values', input: 1, values }) as never;

it('Node posts without a copy', () => {
  expect(postMoving).toBe(post);
});

it('a buffer arrives with its bytes, and is empty on this side', async () => {
  const { port, arrived } = openChannel();
  const bytes = new Uint8Array([1, 2]);
  postByCopy(port, values(bytes), [bytes.buffer]);
  expect(bytes.byteLength).toBe(0);
  expect(await arrived).toMatchObject([{ values: [new Uint8Array([1, 2])] }]);
});

it('a buffer keeps its bytes if another value of the message is refused', () => {
  const { port } = openChannel();
  const bytes = new Uint8Array([1, 2]);
  expect(() =>
    postByCopy(
      port,
      values(bytes, () => {}),
      [bytes.buffer],
    ),
  ).toThrow(/could not be cloned/);
  expect([...bytes]).toEqual([1, 2]);
});

it('a port is moved', async () => {
  const { port, arrived } = openChannel();
  const moved = new MessageChannel();
  onTestFinished(() => moved.port2.close());
  postByCopy(port, values(moved.port1), [moved.port1]);
  const [message] = (await arrived) as [{ values: [{ close(): void }] }];
  message.values[0].close();
});
