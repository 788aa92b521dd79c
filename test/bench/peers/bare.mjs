// @ts-check
/** Opens bare worker threads with a MessagePort, which show the cost of Node itself. */
import { MessageChannel, Worker } from 'node:worker_threads';

/**
 * Opens a worker that answers each message with the result of `task`.
 *
 * @param {string} task
 * @param {object} [setting]
 * @param {string} [setting.module]
 * @param {boolean} [setting.isMany] each message is an array of arguments, and its answer is an
 * array of results
 */
export function openBare(task, { module = 'tasks', isMany = false } = {}) {
  const { port1, port2 } = new MessageChannel();
  const url = new URL(`../work/${module}.mjs`, import.meta.url);
  const worker = new Worker(new URL('../work/bare-worker.mjs', import.meta.url), {
    workerData: { port: port2, module: url.href, task, isMany },
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
     * Sends one message and resolves with its answer.
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
