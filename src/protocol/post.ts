/**
 * Posts messages to another thread, in either direction. Adds what Node's postMessage leaves to its
 * caller.
 */
import { copyBytes, isLarge } from './bytes.js';
import type { FromWorker, ToWorker } from './messages.js';
import type { LinkMessage } from './stream/messages.js';
import { isDetached, type Transferable } from './transfer.js';

type Message = ToWorker | FromWorker | LinkMessage;

/** The part of a MessagePort that is used here. */
export interface Port {
  postMessage(message: unknown, transfer: readonly never[]): void;
}

/**
 * Posts a message and moves the parts in `transfer`.
 *
 * @throws DataCloneError if the message can't be posted. Then nothing was posted
 */
export function post(port: Port, message: Message, transfer: readonly Transferable[] = []): void {
  refuseGone(transfer);
  const moving = [...transfer];
  port.postMessage(withCopies(message, moving), moving as never);
}

/**
 * Refuses a buffer that has already been transferred, with the error that V8 throws for it.
 *
 * It is tempting to leave that check to Node. Node 22 throws this error. But Node 20 posts a list
 * with such a buffer, and the other side can't read the message. The other side receives a
 * `messageerror` instead of everything that was posted together.
 */
function refuseGone(transfer: readonly Transferable[]): void {
  if (transfer.some(isDetached)) {
    throw new DOMException('An ArrayBuffer is detached and could not be cloned.', 'DataCloneError');
  }
}

/**
 * Replaces large byte arrays by copies that are moved.
 *
 * A clone copies bytes twice: into the message and out of it. These bytes are copied once. The
 * original remains for a second attempt, for another worker, and for a task that keeps what it
 * returned.
 */
function withCopies(message: Message, moving: Transferable[]): Message {
  switch (message.type) {
    case 'run': {
      const args = copyLarge(message.args, moving);
      return args === message.args ? message : { ...message, args };
    }
    case 'reports':
    case 'values':
    case 'input-values': {
      const values = copyLarge(message.values, moving);
      return values === message.values ? message : { ...message, values };
    }
    default:
      return message;
  }
}

/**
 * Returns the list itself if there is nothing to copy, which is the usual case. Bytes that are
 * moved anyway are not copied.
 */
function copyLarge(values: readonly unknown[], moving: Transferable[]): readonly unknown[] {
  let copies: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // The fastest check comes first: most values are not objects, and there may be thousands.
    if (typeof value !== 'object' || !isLarge(value) || moving.includes(value.buffer)) continue;
    copies ??= [...values];
    const copy = copyBytes(value);
    copies[i] = copy;
    moving.push(copy.buffer);
  }
  return copies ?? values;
}
