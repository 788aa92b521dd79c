// @ts-check
/** Changes the two files of a program, so that they run as Blob URLs. Lines keep their numbers. */

const SPECIFIER = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])([\w./-]+)\2/g;
const TASKS = /new URL\(\s*(['"])\.\/tasks\.js\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;

/** A declaration of a module, not of a block. */
const USING = /^await using (\w+)(?= =)/gm;

/**
 * Returns the module of the tasks. An import map has no effect in a worker.
 *
 * @param {string} text
 * @param {string} base the address of the folder with rxjs.js and rx-futures/
 */
export function taskSource(text, base) {
  const addressOf = (/** @type {string} */ file) => new URL(file, base).href;
  /** @type {Readonly<Record<string, string>>} */
  const addresses = {
    rxjs: addressOf('rxjs.js'),
    'rx-futures/worker': addressOf('rx-futures/worker.js'),
  };
  return `import ${JSON.stringify(addressOf('task-console.js'))};${replaced(text, addresses)}`;
}

/**
 * Returns the module of the page.
 *
 * @param {string} text
 * @param {string} tasks the address of the module of the tasks
 * @param {boolean} knowsUsing whether the browser knows `await using`. Otherwise the end of the
 *   module disposes of what its declarations hold
 */
export function mainSource(text, tasks, knowsUsing) {
  const address = JSON.stringify(tasks);
  const source = replaced(text, { './tasks.js': tasks }).replace(TASKS, `new URL(${address})`);
  if (knowsUsing) return source;
  const names = Array.from(source.matchAll(USING), ([, name]) => name).reverse();
  const disposals = names.map((name) => `await ${name}[Symbol.asyncDispose]();`);
  return `${source.replace(USING, 'const $1')}\n${disposals.join('\n')}\n`;
}

/**
 * @param {string} text
 * @param {Readonly<Record<string, string>>} addresses
 */
function replaced(text, addresses) {
  return text.replace(SPECIFIER, (whole, before, _quote, name) =>
    Object.hasOwn(addresses, name) ? `${before}${JSON.stringify(addresses[name])}` : whole,
  );
}
