/**
 * `rx-futures/testing`: for the unit tests of programs that use this library.
 *
 * @module rx-futures/testing
 */
export { inlineBackend } from './backends/inline/backend.js';
