// @ts-check
/** A worker of threads.js. It streams values through an Observable. */
import { Observable } from 'threads/observable';
import { expose } from 'threads/worker';
import { fetchPage, noop, numbers, parse, save } from '../../work/tasks.mjs';

expose({
  noop,
  fetchPage,
  parse,
  save,
  /** @param {number} count */
  numbers: (count) =>
    new Observable((observer) => {
      for (const value of numbers(count)) observer.next(value);
      observer.complete();
    }),
});
