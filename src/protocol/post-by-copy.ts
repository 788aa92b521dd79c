/** Posts messages on Deno, which empties buffers even if it refuses their message. */
import { isDeno } from '#platform/which-runtime';
import { type Port, post } from './post.js';

/**
 * Posts a message and moves the parts in `transfer`.
 *
 * A message may hold the values of several tasks. If one of them can't be cloned, the others are
 * posted again, so their buffers must still be there.
 */
export const postMoving: typeof post = isDeno ? postByCopy : post;

/** Copies the buffers, and empties them after the message was posted. */
export function postByCopy(
  port: Port,
  message: Parameters<typeof post>[1],
  transfer: Parameters<typeof post>[2] = [],
): void {
  const isBuffer = (part: unknown): part is ArrayBuffer => part instanceof ArrayBuffer;
  post(
    port,
    message,
    transfer.filter((part) => !isBuffer(part)),
  );
  for (const buffer of transfer.filter(isBuffer)) structuredClone(buffer, { transfer: [buffer] });
}
