/** Posting to another thread, from either side: what Node's postMessage leaves to its caller. */
import type { MessagePort } from 'node:worker_threads';
import { copyBytes, isLarge } from './bytes.js';
import type { FromWorker, ToWorker } from './messages.js';
import { isDetached, type Transferable } from './transfer.js';

/**
 * Posts a message; what is in `transfer` moves with it.
 *
 * @throws DataCloneError when the message can't be posted; then nothing of it was
 */
export function post(port: MessagePort, message: ToWorker | FromWorker, transfer: readonly Transferable[] = []): void {
  refuseGone(transfer);
  const moving = [...transfer];
  port.postMessage(withCopies(message, moving), moving as never);
}

/**
 * It is tempting to leave that to Node. But Node 20 posts a list with a buffer that is gone, and the other side can't read what arrives: it
 * gets a `messageerror` in the place of everything that travelled together. (Node 22 throws too.) The words are V8's.
 */
function refuseGone(transfer: readonly Transferable[]): void {
  if (transfer.some(isDetached)) {
    throw new DOMException('An ArrayBuffer is detached and could not be cloned.', 'DataCloneError');
  }
}

/**
 * Makes large bytes move, as copies. A clone copies bytes twice, into the message and out of it; these are copied once, and what they were
 * copied from is still there for a second attempt, for another worker, for a task that keeps what it gave.
 */
function withCopies(message: ToWorker | FromWorker, moving: Transferable[]): ToWorker | FromWorker {
  switch (message.type) {
    case 'run': {
      const args = copyLarge(message.args, moving);
      return args === message.args ? message : { ...message, args };
    }
    case 'reports':
    case 'items': {
      const values = copyLarge(message.values, moving);
      return values === message.values ? message : { ...message, values };
    }
    default:
      return message;
  }
}

/** The list itself where there is nothing to do, which is nearly always. What is moving already stays as it is. */
function copyLarge(values: readonly unknown[], moving: Transferable[]): readonly unknown[] {
  let copies: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // The quick look first: most are no objects, and there may be thousands.
    if (typeof value !== 'object' || !isLarge(value) || moving.includes(value.buffer)) continue;
    copies ??= [...values];
    const copy = copyBytes(value);
    copies[i] = copy;
    moving.push(copy.buffer);
  }
  return copies ?? values;
}
