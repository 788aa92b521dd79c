// @ts-check
/** Opens two workers with threads.js. */
import { spawn, Worker } from 'threads';
import { isBun } from './is-bun.mjs';
import { evenOrOdd } from './start-worker.mjs';

/**
 * @typedef {object} Functions
 * @property {(value: number) => Promise<number>} noop
 * @property {(url: number) => Promise<string>} fetchPage
 * @property {(text: string) => Promise<{ id: number }[]>} parse
 * @property {(items: readonly { id: number }[]) => Promise<number>} save
 * @property {(count: number) => import('threads/observable').Observable<number>} numbers
 */

/** @returns {Promise<[Functions, Functions]>} */
export async function openThreads() {
  /** @type {() => Promise<Functions>} */
  const start = () => spawn(openWorker());
  return Promise.all([start(), start()]);
}

function openWorker() {
  // In Bun, threads.js has its worker threads of Node. Their path is relative to this file.
  if (isBun) return new Worker('./workers/threads.mjs');
  return new Worker(new URL('./workers/threads.mjs', import.meta.url), { type: 'module' });
}

/**
 * Number of calls in flight for each thread. Each call listens to all messages of its thread, so n
 * calls in flight take n² steps. The pool of threads.js also takes n² steps for n waiting tasks.
 *
 * The settings were compared with 5,000 no-ops at once in Chromium, on a busy machine (2 cores,
 * 2026-11). It took 29 s without a limit. With 1, 4, 16 and 64 calls in flight, it took 3.5, 2.8,
 * 3.8 and 5.9 s. The pool took 18, 11 and 8 s with a `concurrency` of 1, 8 and 64.
 */
const IN_FLIGHT = 4;

/**
 * Returns a function that calls `noop` of the threads in turn. It holds calls back, so that each
 * thread has few in flight.
 *
 * @param {readonly [Functions, Functions]} threads
 */
export function holdingBack(threads) {
  const queues = threads.map(({ noop }) => new Queue(noop));
  return (/** @type {number} */ i) => /** @type {Queue} */ (queues[evenOrOdd(i)]).call(i);
}

/**
 * @typedef {object} Call
 * @property {number} value
 * @property {(result: number) => void} resolve
 * @property {(error: unknown) => void} reject
 */

class Queue {
  /** @type {Call[]} */
  #waiting = [];
  #next = 0;
  #inFlight = 0;
  #run;

  /** @param {(value: number) => Promise<number>} run */
  constructor(run) {
    this.#run = run;
  }

  /**
   * @param {number} value
   * @returns {Promise<number>}
   */
  call(value) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ value, resolve, reject });
      this.#send();
    });
  }

  #send() {
    const call = this.#waiting[this.#next];
    if (call === undefined || this.#inFlight === IN_FLIGHT) return;
    this.#next++;
    this.#inFlight++;
    this.#run(call.value).then((result) => {
      this.#inFlight--;
      call.resolve(result);
      this.#send();
    }, call.reject);
  }
}
