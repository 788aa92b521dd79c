// @ts-check
/** The tasks in the form that workerpool needs: a script that registers them. */
import workerpool from 'workerpool';
import * as tasks from './tasks.mjs';

const { noop, correct, echo, fetchPage, parse, save, spin, fib, touch, visit } = tasks;
workerpool.worker({ noop, correct, echo, fetchPage, parse, save, spin, fib, touch, visit, move });

/**
 * Runs `touch` and transfers its result.
 * @param {Uint8Array} bytes
 */
function move(bytes) {
  return new workerpool.Transfer(touch(bytes), [bytes.buffer]);
}
