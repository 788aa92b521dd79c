// @ts-check
/** Worker threads and ports with nothing around them: what the engine itself costs. */
import { MessageChannel, Worker } from 'node:worker_threads';

/**
 * A worker that answers each message with what `task` makes of it.
 * @param {string} task
 */
export function openBare(task) {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('../work/bare-worker.mjs', import.meta.url), {
    workerData: { port: port2, task },
    transferList: [port2],
  });
  worker.on('error', (error) => {
    throw error;
  });
  /** @type {(answer: any) => void} */
  let answered = () => {};
  port1.on('message', (answer) => answered(answer));
  return {
    port: port1,
    /** @param {(answer: any) => void} listener */
    onAnswer(listener) {
      answered = listener;
    },
    /**
     * One message and its answer.
     * @param {unknown} argument
     * @returns {Promise<any>}
     */
    ask(argument) {
      return new Promise((resolve) => {
        answered = resolve;
        port1.postMessage(argument);
      });
    },
  };
}
