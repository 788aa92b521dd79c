/**
 * `rx-futures/opentelemetry`: spans and metrics of the tasks of an executor.
 *
 * @module rx-futures/opentelemetry
 */
export { type InstrumentOptions, instrument } from './opentelemetry/instrument.js';
