/**
 * `rx-futures/trace`: records what an executor does, as a file for Perfetto and for the DevTools.
 *
 * @module rx-futures/trace
 */
export { recordTrace, type TraceOptions, type TraceRecording } from './trace/record-trace.js';
export type { TraceEvent, TraceFile } from './trace/trace-event.js';
