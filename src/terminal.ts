/**
 * `rx-futures/terminal`: shows how far a program has come.
 *
 * @module rx-futures/terminal
 */
export { type ProgressBarOptions, progressBar } from './terminal/progress-bar.js';
