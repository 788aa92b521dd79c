/** Recognizes the buffers that can't be moved to another thread. */
import workerThreads from 'node:worker_threads';

/**
 * Returns true for a buffer that Node does not move, such as the pool of small Buffers. Such a
 * buffer and its views are copied. Copying a small Buffer is cheap.
 */
export function isUntransferable(part: object): boolean {
  if (part === pool()) return true;
  // Node 20 has no isMarkedAsUntransferable, and copies marked buffers by itself.
  const { isMarkedAsUntransferable } = workerThreads as { isMarkedAsUntransferable?(part: unknown): boolean };
  return isMarkedAsUntransferable?.(part) === true;
}

/** Returns the current pool of small Buffers. Node creates another pool when one is full. */
function pool(): unknown {
  return typeof Buffer === 'function' ? Buffer.from('x').buffer : undefined;
}
