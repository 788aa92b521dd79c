/** The memory that the calling thread uses, which a worker of a browser can't measure. */

/** Returns 0. The option `maxMemoryPerWorker` is refused in browsers. */
export function usedHeap(): number {
  return 0;
}
