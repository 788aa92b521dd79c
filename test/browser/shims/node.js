/** Modules of Node that no test in a browser needs. Their functions throw. */
const missing = (name) => () => {
  throw new Error(`${name}() does not exist in a browser.`);
};

export const open = missing('open');

/** `Readable.from()` as a ReadableStream of the web. */
export const Readable = {
  from(iterable) {
    const iterator = iterable[Symbol.iterator]();
    return new ReadableStream({
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    });
  },
};

export const join = (...parts) => parts.join('/');
export const inspect = (value) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value));
