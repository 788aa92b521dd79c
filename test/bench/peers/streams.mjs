// @ts-check
/**
 * Opens each library whose workers can send many values, as a stream of the values of a task. If a
 * library uses callbacks, an emitter and `events.on` of Node make them iterable.
 *
 * The settings of Comlink were compared with 20,000 values (2 cores, Node 20, 2026-11). A proxied
 * callback takes 80 us for each value if each call is awaited. It takes 9 us with 64 calls in
 * flight, 7 with 1,000, and 8 if no call is awaited. A proxied generator takes 100 us for each
 * value, and 15 with 64 calls of `next()` in flight. Iteration therefore uses the callback too.
 */
import { EventEmitter, on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from './ours.mjs';

/**
 * Two ways of reading the same values. Both resolve after the last value.
 *
 * @typedef {object} Values
 * @property {Read} subscribe
 * @property {Read} iterate
 */

/** @typedef {(count: number, next: (value: any) => void) => Promise<void>} Read */

/** @typedef {'numbers' | 'records' | 'lines'} Task a generator of {@link ../work/tasks.mjs} */

/**
 * Returns the contenders that stream the values of a task.
 *
 * @param {Task} task
 * @param {(values: Values) => import('../harness/row.js').Measure} measure
 * @returns {Record<string, import('../harness/row.js').Contender>}
 */
export function streaming(task, measure) {
  return {
    ours: {
      kind: 'ours',
      async open() {
        /** @type {{ stream(count: number): import('rx-futures').ResultStream<any> }} */
        const values = (await openOurs()).tasks[task];
        return measure({
          subscribe: (count, next) => values.stream(count).forEach(next),
          async iterate(count, next) {
            for await (const value of values.stream(count)) next(value);
          },
        });
      },
    },
    'postMessage for each': {
      kind: 'reference',
      setting:
        'one bare worker; `on(message)`, and `events.on`; without backpressure, so all values may be in flight at once',
      open: async () => measure(openBareValues(task)),
    },
    Comlink: {
      kind: 'peer',
      setting: 'proxied callback, 1,000 calls in flight; `events.on`',
      open: async () => measure(await openComlink(task)),
    },
    'threads.js': {
      kind: 'peer',
      setting: 'an Observable; `events.on`',
      open: async () => measure(await openThreads(task)),
    },
  };
}

/**
 * Returns a measurement of both ways of reading, whose consumers add a number of each value.
 *
 * @param {(value: any) => number} numberOf
 * @param {(count: number) => number} sumOf the right sum
 * @returns {(values: Values) => import('../harness/row.js').Measure}
 */
export function summed(numberOf, sumOf) {
  const time = async (/** @type {Read} */ read, /** @type {number} */ count) => {
    let received = 0;
    let sum = 0;
    const started = performance.now();
    await read(count, (value) => {
      received++;
      sum += numberOf(value);
    });
    const ms = performance.now() - started;
    expectEqual(received, count, 'number of values');
    expectEqual(sum, sumOf(count), 'sum over all values');
    return ms;
  };
  return ({ subscribe, iterate }) =>
    async (count) => ({ subscribed: await time(subscribe, count), iterated: await time(iterate, count) });
}

/** @returns {Worker} */
export function openBareWorker() {
  return new Worker(new URL('../work/streaming/bare.mjs', import.meta.url)).on('error', (error) => {
    throw error;
  });
}

/**
 * @param {Task} task
 * @returns {Values}
 */
function openBareValues(task) {
  const worker = openBareWorker();
  return {
    subscribe: (count, next) =>
      new Promise((resolve) => {
        let left = count;
        worker.on('message', function listener(value) {
          next(value);
          if (--left > 0) return;
          worker.off('message', listener);
          resolve();
        });
        worker.postMessage({ task, argument: count });
      }),
    async iterate(count, next) {
      worker.postMessage({ task, argument: count });
      await iterate(worker, 'message', count, next);
    },
  };
}

/**
 * @param {Task} task
 * @returns {Promise<Values>}
 */
async function openComlink(task) {
  const Comlink = await import('comlink/dist/esm/comlink.mjs');
  const { default: nodeEndpoint } = await import('comlink/dist/esm/node-adapter.mjs');
  const worker = new Worker(new URL('../work/streaming/comlink.mjs', import.meta.url));
  /** @typedef {(task: Task, ...rest: Parameters<Read>) => Promise<void>} Each */
  /** @type {import('comlink').Remote<{ each: Each }>} */
  const { each } = Comlink.wrap(nodeEndpoint(worker));
  return emitting((count, next) => each(task, count, Comlink.proxy(next)));
}

/**
 * @param {Task} task
 * @returns {Promise<Values>}
 */
async function openThreads(task) {
  const { spawn, Worker } = await import('threads');
  const { [task]: values } = await spawn(new Worker('../work/streaming/threads.mjs'));
  return emitting((count, next) => new Promise((resolve, reject) => values(count).subscribe(next, reject, resolve)));
}

/**
 * @param {Read} subscribe
 * @returns {Values}
 */
function emitting(subscribe) {
  return {
    subscribe,
    async iterate(count, next) {
      const emitter = new EventEmitter();
      const sent = subscribe(count, (value) => emitter.emit('value', value));
      await iterate(emitter, 'value', count, next);
      await sent;
    },
  };
}

/**
 * @param {EventEmitter} emitter
 * @param {string} event
 * @param {number} count
 * @param {(value: any) => void} next
 */
async function iterate(emitter, event, count, next) {
  let left = count;
  for await (const [value] of on(emitter, event)) {
    next(value);
    if (--left === 0) break;
  }
}
