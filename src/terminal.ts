/**
 * `rx-futures/terminal`: shows progress and statistics on a terminal or in a log.
 *
 * @module rx-futures/terminal
 */
export { type ProgressBarOptions, progressBar } from './terminal/progress-bar.js';
export { type StatsLine, type StatsLineOptions, type StatsSource, statsLine } from './terminal/stats-line.js';
