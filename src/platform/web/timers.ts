/** Timers of the page. */
export * from '../timers.js';
