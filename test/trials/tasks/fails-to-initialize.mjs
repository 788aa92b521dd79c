/**
 * An initializer as documented by piscina, from which tinypool was forked: the default export is a
 * promise of the task.
 */
export default Promise.reject(new RangeError('no database there'));
