/** The parts of `process` that tests and tasks use. esbuild adds this file to their modules. */
/** @type {(() => void)[]} */
const listeners = [];

export const process = {
  pid: 1,
  env: {},
  argv: [],
  execArgv: [],
  platform: 'browser',
  /** @param {string} event @param {() => void} listener */
  once(event, listener) {
    if (event === 'exit') listeners.push(listener);
  },
  emitWarning() {},
  on() {},
  off() {},
  /** Closes the worker. Its code must not continue, so an error leaves the task. */
  exit() {
    for (const listener of listeners.splice(0)) listener();
    self.close();
    throw new Error('The worker is closed.');
  },
};

const port = new MessageChannel();
/** @type {(() => void)[]} */
const immediates = [];
port.port1.onmessage = () => immediates.shift()?.();

/** @param {() => void} callback */
export function setImmediate(callback) {
  immediates.push(callback);
  port.port2.postMessage(0);
}
