/**
 * The report poll: the main thread checks shared memory for reports, once in each turn of its event
 * loop. One poll serves all workers of all executors.
 *
 * The main thread polls only while reports are expected soon. Otherwise it sleeps, and the worker
 * wakes it by a message.
 */
import { performance, setImmediate } from '#platform/time';

/** A worker whose reports are polled for. */
export interface Polled {
  /** Reads the reports that have arrived. Returns false if no report is expected soon. */
  poll(now: number): boolean;
}

let polled: Polled[] = [];
let isScheduled = false;

/** Polls for reports of a worker from the next turn on. The worker must not be polled already. */
export function startPolling(worker: Polled): void {
  polled.push(worker);
  schedule();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(pollAll);
}

function pollAll(): void {
  isScheduled = false;
  const all = polled;
  polled = [];
  const now = performance.now();
  let next = 0;
  try {
    while (next < all.length) {
      const worker = all[next]!;
      if (worker.poll(now)) polled.push(worker);
      next++;
    }
  } finally {
    // If a worker throws, it and the workers after it are polled in the next turn.
    for (; next < all.length; next++) polled.push(all[next]!);
    if (polled.length > 0) schedule();
  }
}
