/** `node:worker_threads` in a browser. Each worker has a random number as its id. */
const isWorker = typeof WorkerGlobalScope === 'function';

export const threadId = isWorker ? crypto.getRandomValues(new Uint32Array(1))[0] : 0;
export const workerData = undefined;
