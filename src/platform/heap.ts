/** The memory that the calling thread uses. */
import { getHeapStatistics } from 'node:v8';

/** Returns the bytes of heap in use, garbage included that has not been collected. Takes 1 us. */
export function usedHeap(): number {
  return getHeapStatistics().used_heap_size;
}
