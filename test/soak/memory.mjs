/** How much memory is in use, once what is garbage is gone. */
import { setImmediate as timeSlice } from 'node:timers/promises';

/** Collections in a row that may still find something: finalizers run between two of them, and free more. */
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

/** As text: what has been added, in MB. */
export function memory(after, before) {
  const added = (after.heap - before.heap) / 1e6;
  return `${added < 0 ? '' : '+'}${added.toFixed(2)} MB`;
}
