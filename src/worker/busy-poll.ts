/**
 * How a thread waits for its next message. To fall asleep and to be woken again takes some 20 us, more than most small tasks. So where the last
 * message came soon after the one before (a program that awaits each task before the next), the thread stays awake for as long, and looks for
 * the next one itself. When none comes it goes to sleep, and stays awake again only after messages that came so soon: a worker that idles, or
 * that hears of something every now and then, doesn't spin.
 */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { performance, queueMicrotask } from '../platform/time.js';

/** ms. What a message there and back takes where both threads have to be woken, on a machine that is in no hurry. */
const SOON = 0.25;
/** ms after which timers and the other ports get their turn, also where messages never stop coming. */
const TIME_SLICE_MS = 10;

export interface BusyPoller<T> {
  receive(message: T): void;
  /** A message has come and can't be read. */
  unreadable(cause: unknown): void;
  /** It has nothing to do, and nothing is under way that a turn of the event loop would bring on. */
  readonly isIdle: boolean;
}

export function listen<T>(port: MessagePort, listener: BusyPoller<T>): void {
  port.on('messageerror', (cause) => listener.unreadable(cause));
  /** When the thread was through with the last message, and when the first of those came that it has stayed awake for. */
  let doneAt = Number.NEGATIVE_INFINITY;
  let cameFirst = 0;

  const take = (message: T): void => {
    listener.receive(message);
    doneAt = performance.now();
    // When all promises have had their turn, as after any message: a tick that is asked for by one of them comes after the last.
    queueMicrotask(() => process.nextTick(stayAwake));
  };
  const stayAwake = (): void => {
    if (!listener.isIdle || doneAt - cameFirst > TIME_SLICE_MS) return;
    let next: { readonly message: T } | undefined;
    try {
      next = wait(port, doneAt + SOON);
    } catch (cause) {
      listener.unreadable(cause);
      return;
    }
    if (next !== undefined) take(next.message);
  };
  port.on('message', (message: T) => {
    const came = performance.now();
    if (came - doneAt < SOON) {
      cameFirst = came;
      take(message);
    } else {
      listener.receive(message);
      doneAt = performance.now();
    }
  });
}

function wait(port: MessagePort, until: number): { readonly message: any } | undefined {
  do {
    const next = receiveMessageOnPort(port);
    if (next !== undefined) return next;
  } while (performance.now() < until);
  return undefined;
}
