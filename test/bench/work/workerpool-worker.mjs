// @ts-check
/** The tasks in the form that workerpool needs: a script that registers them. */
import workerpool from 'workerpool';
import * as tasks from './tasks.mjs';

const { noop, echo, fetchPage, parse, save, spin, fib, touch } = tasks;
workerpool.worker({ noop, echo, fetchPage, parse, save, spin, fib, touch, move });

/**
 * Runs `touch` and transfers its result.
 * @param {Uint8Array} bytes
 */
function move(bytes) {
  return new workerpool.Transfer(touch(bytes), [bytes.buffer]);
}
