// @ts-check
/** The tasks in the form that poolifier wants: a script that makes a ThreadWorker of them. */
import { ThreadWorker } from 'poolifier';
import { echo, fetchPage, fib, noop, parse, save, spin, touch, wait } from './tasks.mjs';

// It tells async functions by their constructor, and would send a promise home as it is.
const later = async (/** @type {number} */ value) => wait(value);

export default new ThreadWorker(
  /** @type {never} */ ({ noop, echo, fetchPage, parse, save, spin, fib, touch, wait: later }),
);
