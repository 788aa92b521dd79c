/** The differences of web workers, with their reasons. */
import type { Skip } from '../backends/describe-backend.js';

/** On every page. */
export const skips: readonly Skip[] = [];

/** On a page that is cross-origin isolated. */
export const isolatedSkips: readonly Skip[] = [];

/** On a page that shares no memory with its workers. */
export const unsharedSkips: readonly Skip[] = [];
