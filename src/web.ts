/**
 * `rx-futures/web`: the main entry without anything of Node, and the backend of browsers. A bundler
 * for browsers chooses it for `rx-futures` too.
 *
 * @module rx-futures/web
 */
export { webWorkers } from './backends/web/backend.js';
export * from './index.js';
