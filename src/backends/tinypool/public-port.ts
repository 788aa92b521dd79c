/**
 * Protects the public port of a worker: `parentPort` of a thread, the channel of a process.
 *
 * Tasks, libraries and Node itself (`node --watch`) post to this port too. tinypool expects only
 * its own messages. For any other message, tinypool ends the worker. For `null`, the listener of
 * tinypool throws in this process.
 */
import type { EventEmitter } from 'node:events';

/**
 * Passes a message to the present listeners only if `isExpected` accepts it. Every other message is
 * ignored.
 */
export function ignoreOthers(worker: EventEmitter, isExpected: (message: unknown) => boolean): void {
  const listeners = worker.listeners('message');
  // The new listener is added before the others are removed. A Worker without a listener would ref
  // its port again when the next listener is added.
  worker.on('message', (message: unknown) => {
    if (!isExpected(message)) return;
    for (const listener of listeners) listener.call(worker, message);
  });
  for (const listener of listeners) worker.off('message', listener as (message: unknown) => void);
}

/** Returns true if a message is an object with all these properties. */
export function has(message: unknown, properties: Readonly<Record<string, unknown>>): boolean {
  if (typeof message !== 'object' || message === null) return false;
  return Object.entries(properties).every(([name, value]) => (message as Record<string, unknown>)[name] === value);
}
