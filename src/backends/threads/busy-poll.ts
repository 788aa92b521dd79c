/**
 * Decides how a worker thread waits for its next message: asleep, or by busy polling.
 *
 * Falling asleep and being woken takes some 20 us, more than most small tasks (the figures are in
 * docs/decisions/0019). If a message came within 0.25 ms of the one before, the thread then polls
 * its port for 0.25 ms. Such messages come from a program that awaits each task before it submits
 * the next. If no message arrives, the thread falls asleep. It polls again only after the next
 * message that comes so soon. So an idle or rarely used worker does not spin.
 */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { performance, queueMicrotask } from '#platform/time';
import { TIME_SLICE_MS } from '../../protocol/time-slice.js';

/**
 * ms of polling: the time of a round trip in which both threads have to be woken, on a host without
 * load.
 */
const BUSY_POLL_MS = 0.25;

export interface BusyPoller<T> {
  receive(message: T): void;
  /** A message has arrived that can't be read. */
  unreadable(cause: unknown): void;
  /** Nothing is queued or running, and no work waits for the next turn of the event loop. */
  readonly isIdle: boolean;
}

export function listen<T>(port: MessagePort, listener: BusyPoller<T>): void {
  port.on('messageerror', (cause) => listener.unreadable(cause));
  /** End of the last message, and start of the current streak of messages received by polling. */
  let doneAt = Number.NEGATIVE_INFINITY;
  let streakStart = 0;

  const handle = (message: T): void => {
    listener.receive(message);
    doneAt = performance.now();
    // The tick is requested in a microtask, so it runs after all promises of this message.
    queueMicrotask(() => process.nextTick(poll));
  };
  const poll = (): void => {
    if (!listener.isIdle || doneAt - streakStart > TIME_SLICE_MS) return;
    let next: { readonly message: T } | undefined;
    try {
      next = pollUntil(port, doneAt + BUSY_POLL_MS);
    } catch (cause) {
      listener.unreadable(cause);
      return;
    }
    if (next !== undefined) handle(next.message);
  };
  port.on('message', (message: T) => {
    const arrivedAt = performance.now();
    if (arrivedAt - doneAt < BUSY_POLL_MS) {
      streakStart = arrivedAt;
      handle(message);
    } else {
      listener.receive(message);
      doneAt = performance.now();
    }
  });
}

function pollUntil(port: MessagePort, until: number): { readonly message: any } | undefined {
  do {
    const next = receiveMessageOnPort(port);
    if (next !== undefined) return next;
  } while (performance.now() < until);
  return undefined;
}
