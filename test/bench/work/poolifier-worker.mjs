// @ts-check
/** The tasks in the form that poolifier needs: a script that passes them to a ThreadWorker. */
import { ThreadWorker } from 'poolifier';
import { correct, echo, fetchPage, fib, noop, parse, save, spin, touch, visit, wait } from './tasks.mjs';

// poolifier recognizes async functions by their constructor. It would try to post the promise of
// `wait`.
const later = async (/** @type {number} */ value) => wait(value);

export default new ThreadWorker(
  /** @type {never} */ ({ noop, echo, fetchPage, parse, save, spin, fib, touch, wait: later, correct, visit }),
);
