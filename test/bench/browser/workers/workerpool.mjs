// @ts-check
/** A worker of workerpool. It streams values as events. */
import workerpool from 'workerpool';
import { fetchPage, noop, numbers, parse, save } from '../../work/tasks.mjs';

workerpool.worker({ noop, fetchPage, parse, save, each });

/** @param {number} count */
function each(count) {
  for (const value of numbers(count)) workerpool.workerEmit(value);
}
