/** Measures the memory in use, without garbage. */
import { setImmediate as timeSlice } from 'node:timers/promises';

/** Number of garbage collections. Finalizers run between them and can free more objects. */
const ROUNDS = 12;

export async function settledMemory() {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    await timeSlice();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return { heap: least };
}

/** Formats the growth in MB. */
export function memory(after, before) {
  const added = (after.heap - before.heap) / 1e6;
  return `${added < 0 ? '' : '+'}${added.toFixed(2)} MB`;
}
