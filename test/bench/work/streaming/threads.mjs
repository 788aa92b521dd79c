// @ts-check
/** Sends many values with threads.js, through an Observable. */
import { Observable } from 'threads/observable';
import { expose } from 'threads/worker';
import { lines, numbers, records } from '../tasks.mjs';

/** @param {(count: number) => Iterable<unknown>} task */
const observed = (task) => (/** @type {number} */ count) =>
  new Observable((observer) => {
    for (const value of task(count)) observer.next(value);
    observer.complete();
  });

expose({ lines: observed(lines), numbers: observed(numbers), records: observed(records) });
