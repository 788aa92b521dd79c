/**
 * Looks for reports in shared memory, once in each turn of the event loop of the main thread. One
 * look-out serves all workers of all executors.
 *
 * The main thread looks only while reports are expected soon. Otherwise it sleeps, and the worker
 * wakes it by a message.
 */
import { performance, setImmediate } from '#platform/time';

export interface Watched {
  /** Looks for reports. Returns false if this worker need not be looked at any more. */
  look(now: number): boolean;
}

let watched: Watched[] = [];
let isScheduled = false;

/** Looks for reports of a worker from the next turn on. It must not be watched already. */
export function watch(worker: Watched): void {
  watched.push(worker);
  schedule();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(lookAtAll);
}

function lookAtAll(): void {
  isScheduled = false;
  const all = watched;
  watched = [];
  const now = performance.now();
  let next = 0;
  try {
    while (next < all.length) {
      const worker = all[next]!;
      if (worker.look(now)) watched.push(worker);
      next++;
    }
  } finally {
    // If a look throws, this worker and the ones after it are looked at in the next turn.
    for (; next < all.length; next++) watched.push(all[next]!);
    if (watched.length > 0) schedule();
  }
}
