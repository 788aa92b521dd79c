/**
 * `rx-futures/terminal`: shows the progress of many tasks on a terminal or in a log.
 *
 * @module rx-futures/terminal
 */
export { type ProgressBarOptions, progressBar } from './terminal/progress-bar.js';
