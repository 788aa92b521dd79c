/**
 * The public port of a worker: `parentPort` of a thread, the channel of a process. Tasks, their libraries and Node itself
 * (`node --watch`) post to it too. tinypool expects its own messages only: it ends the worker for any other one, and `null`
 * makes its listener throw in this process.
 */
import type { EventEmitter } from 'node:events';

/** Passes a message on to the listeners that are there now only if `isExpected` accepts it. Every other message is ignored. */
export function ignoreOthers(worker: EventEmitter, isExpected: (message: unknown) => boolean): void {
  const listeners = worker.listeners('message');
  // Added before the others are removed: a Worker without any listener would ref its port again at the next one.
  worker.on('message', (message: unknown) => {
    if (!isExpected(message)) return;
    for (const listener of listeners) listener.call(worker, message);
  });
  for (const listener of listeners) worker.off('message', listener as (message: unknown) => void);
}

/** Whether a message is an object with all these properties. */
export function has(message: unknown, properties: Readonly<Record<string, unknown>>): boolean {
  if (typeof message !== 'object' || message === null) return false;
  return Object.entries(properties).every(([name, value]) => (message as Record<string, unknown>)[name] === value);
}
