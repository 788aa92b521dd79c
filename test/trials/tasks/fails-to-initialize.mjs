/** An initializer as piscina documents it: the default export is a promise of the task. tinypool has it from there. */
export default Promise.reject(new RangeError('no database there'));
