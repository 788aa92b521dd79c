// @ts-check
/** Sends many values with threads.js, through an Observable. */
import { Observable } from 'threads/observable';
import { expose } from 'threads/worker';
import { numbers } from '../tasks.mjs';

expose({
  /** @param {number} count */
  numbers: (count) =>
    new Observable((observer) => {
      for (const value of numbers(count)) observer.next(value);
      observer.complete();
    }),
});
