/** Modules of Node that no test in a browser needs. Their functions throw. */
const missing = (name) => () => {
  throw new Error(`${name}() does not exist in a browser.`);
};

export const open = missing('open');
export const Readable = { from: missing('Readable.from') };
export const join = (...parts) => parts.join('/');
export const inspect = (value) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value));
