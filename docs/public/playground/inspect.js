// @ts-check
/** Shows values as text, in the way of Node. */

const DEEPEST = 3;
/** Longest list of values on one line, in characters, and the most values that are shown. */
const WIDEST = 72;
const MOST = 100;

/** @param {readonly unknown[]} values */
export function format(values) {
  return values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ');
}

/**
 * @param {unknown} value
 * @param {readonly unknown[]} [around] the objects that contain the value
 * @returns {string}
 */
export function inspect(value, around = []) {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[${nameOf(value)}${value.name === '' ? ' (anonymous)' : `: ${value.name}`}]`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Error) return textOf(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (around.includes(value)) return '[Circular]';
  const own = Reflect.get(value, Symbol.for('nodejs.util.inspect.custom'));
  if (typeof own === 'function') {
    const shown = own.call(value, DEEPEST - around.length, {}, inspect);
    return typeof shown === 'string' ? shown : inspect(shown, [...around, value]);
  }
  if (around.length >= DEEPEST) return Array.isArray(value) ? '[Array]' : `[${nameOf(value)}]`;
  return listed(value, [...around, value]);
}

/**
 * @param {object} value
 * @param {readonly unknown[]} around
 */
function listed(value, around) {
  const name = nameOf(value);
  const show = (/** @type {unknown} */ each) => inspect(each, around);
  if (Array.isArray(value)) return enclosed('', '[', value.map(show), ']', around.length);
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) {
    const all = /** @type {Uint8Array} */ (value);
    return enclosed(`${name}(${all.length}) `, '[', Array.from(all.subarray(0, MOST + 1), show), ']', around.length);
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => `${show(key)} => ${show(each)}`);
    return enclosed(`Map(${value.size}) `, '{', entries, '}', around.length);
  }
  if (value instanceof Set) return enclosed(`Set(${value.size}) `, '{', [...value].map(show), '}', around.length);
  const properties = Object.entries(value).map(([key, each]) => `${isName(key) ? key : quoted(key)}: ${show(each)}`);
  return enclosed(name === 'Object' ? '' : `${name} `, '{', properties, '}', around.length);
}

/**
 * @param {string} name
 * @param {string} open
 * @param {readonly string[]} all
 * @param {string} close
 * @param {number} depth
 */
function enclosed(name, open, all, close, depth) {
  if (all.length === 0) return `${name}${open}${close}`;
  const shown = all.slice(0, MOST);
  if (all.length > MOST) shown.push('…');
  const line = shown.join(', ');
  if (line.length <= WIDEST && !line.includes('\n')) return `${name}${open} ${line} ${close}`;
  const indent = '  '.repeat(depth);
  return `${name}${open}\n${shown.map((each) => `${indent}${each}`).join(',\n')}\n${indent.slice(2)}${close}`;
}

/** Returns an error with those lines of its stack that name a file of the reader. */
export function textOf(/** @type {Error} */ error) {
  const head = String(error);
  const stack = (error.stack ?? '').split('\n').filter((line) => /\b(main|tasks)\.js:\d/.test(named(line)));
  const cause = error.cause === undefined ? [] : [`  caused by ${inspect(error.cause)}`];
  return [head, ...stack.map((line) => `    ${named(line).trim()}`), ...cause].join('\n');
}

/** The addresses of the reader's files, and their names. @type {Map<string, string>} */
const names = new Map();

/**
 * @param {string} address
 * @param {string} name
 */
export function nameFile(address, name) {
  names.set(address, name);
}

/** Replaces the addresses of the reader's files by their names. */
export function named(/** @type {string} */ text) {
  let result = text;
  for (const [address, name] of names) result = result.replaceAll(address, name);
  return result;
}

const quoted = (/** @type {string} */ text) =>
  text.includes("'") && !text.includes('"')
    ? `"${text.replaceAll('\n', '\\n')}"`
    : `'${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll("'", "\\'")}'`;
const isName = (/** @type {string} */ key) => /^[\p{L}_$][\p{L}\d_$]*$/u.test(key);
const nameOf = (/** @type {object} */ value) => Object.getPrototypeOf(value)?.constructor?.name ?? '[null prototype]';
