/** Tasks for the tests of browsers. */
import { currentTask } from 'rx-futures/worker';

/** @param {number} a @param {number} b */
export function add(a, b) {
  return a + b;
}

/** @returns {Promise<never>} */
export function close() {
  globalThis.close();
  return new Promise(() => {});
}

/** @type {(() => void)[]} */
const waiting = [];

/** Reads the running task before and after an await, which ends when two such tasks run. */
export async function askTwice() {
  const task = currentTask();
  const { id } = task;
  await new Promise((resolve) => {
    waiting.push(() => resolve(undefined));
    if (waiting.length === 2) for (const go of waiting.splice(0)) go();
  });
  try {
    currentTask();
  } catch (error) {
    return [id, task.id, /** @type {Error} */ (error).message];
  }
  return [id, task.id];
}

/** @returns {Promise<never>} */
export function wait() {
  return new Promise(() => {});
}

/** @returns {Promise<never>} */
export function throwLater() {
  setTimeout(() => {
    throw new RangeError('in a timer');
  });
  return new Promise(() => {});
}

/** @returns {Promise<string>} */
export function handleItself() {
  return new Promise((resolve) => {
    globalThis.onerror = () => {
      resolve('handled');
      return true;
    };
    setTimeout(() => {
      throw new RangeError('handled by the module');
    });
  });
}
