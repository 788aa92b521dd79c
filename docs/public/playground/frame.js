// @ts-check
/**
 * Runs a program of the playground in this frame, and sends what happens to the page.
 *
 * Both files become Blob URLs. An import map has no effect in workers, so the imports of the task
 * module are replaced by addresses. An address of another file can't be relative to a Blob URL, so
 * the address of the task module is replaced too.
 */
import { reportConsole } from './console.js';
import { inspect, named, nameFile, textOf } from './inspect.js';
import { mainSource, taskSource } from './program.js';
import { send } from './send.js';

// The library names its methods by this symbol, which some browsers do not have.
if (Symbol.asyncDispose === undefined) Object.assign(Symbol, { asyncDispose: Symbol('Symbol.asyncDispose') });
reportConsole((line) => send({ type: 'console', ...line, text: named(line.text) }));
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  fail(event.reason);
});
addEventListener('error', (event) => {
  event.preventDefault();
  fail(event.error ?? event.message, event);
});
globalThis.Worker = class extends Worker {
  constructor(/** @type {string | URL} */ url, /** @type {WorkerOptions | undefined} */ options) {
    super(url, options);
    const worker = options?.name ?? '';
    // The first listener of this worker. So the library does not receive lines of the console.
    this.addEventListener('message', (event) => {
      if (event.data?.type !== 'playground-console') return;
      event.stopImmediatePropagation();
      send({ type: 'console', worker, level: event.data.level, text: named(event.data.text) });
    });
  }
};
addEventListener('message', ({ source, data }) => {
  if (source === parent && data.type === 'run') void run(data);
});
send({ type: 'loaded', isIsolated: crossOriginIsolated });

/** @param {{ main: string, tasks: string }} files */
async function run({ main, tasks }) {
  let hasFailed = false;
  try {
    const taskModule = taskSource(tasks, document.baseURI);
    await checkSyntax(taskModule);
    const tasksAddress = moduleOf(taskModule, 'tasks.js');
    await import(moduleOf(mainSource(main, tasksAddress, knowsUsing()), 'main.js'));
  } catch (error) {
    hasFailed = true;
    // An error of syntax has its place only in the event that this call emits.
    reportError(error);
  }
  send({ type: 'ended', hasFailed });
}

/** Parses a module, and does not run it, because its first statement throws. */
async function checkSyntax(/** @type {string} */ source) {
  const address = moduleOf(`throw undefined;${source}`, 'tasks.js');
  await import(address).catch((error) => {
    if (error !== undefined) throw error;
  });
}

/**
 * @param {string} source
 * @param {string} name
 */
function moduleOf(source, name) {
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  nameFile(address, name);
  return address;
}

/**
 * @param {unknown} error
 * @param {{ filename?: string, lineno?: number, colno?: number }} [place]
 */
function fail(error, { filename = '', lineno } = {}) {
  const text = error instanceof Error ? textOf(error) : `Uncaught ${inspect(error)}`;
  const file = named(filename);
  const where =
    lineno && /^(main|tasks)\.js$/.test(file) && !text.includes(`${file}:`) ? `\n    at ${file}:${lineno}` : '';
  send({ type: 'console', level: 'error', text: named(text) + where });
}

/** Returns whether the browser knows `await using`. */
function knowsUsing() {
  try {
    new Function('async () => { await using nothing = null; }');
    return true;
  } catch {
    return false;
  }
}
