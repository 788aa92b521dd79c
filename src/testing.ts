/**
 * `rx-futures/testing`: a backend for the unit tests of programs that use this library.
 *
 * @module rx-futures/testing
 */
export { type InlineOptions, inlineBackend } from './backends/inline/backend.js';
