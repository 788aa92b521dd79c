/**
 * The place where a dashboard watches groups of tasks: each reading of `asCompleted` and of `map`.
 * Without a dashboard, a reading costs one comparison.
 */
import type { Production, Sink } from './result-stream.js';

/** A reading that is about to start. */
export interface Reading<T> {
  readonly name: string;
  /** True if the values are outcomes, so that failures can be counted. */
  readonly hasOutcomes: boolean;
  readonly produce: (sink: Sink<T>) => Production<T>;
}

/** Starts a reading, and watches it. */
export type GroupWatcher = <T>(reading: Reading<T>, sink: Sink<T>) => Production<T>;

let watcher: GroupWatcher | undefined;

/** Sets the function that starts each reading from now on. */
export function setGroupWatcher(next: GroupWatcher | undefined): void {
  watcher = next;
}

/** Returns a producer whose readings are groups while there is a watcher. */
export function grouped<T>(
  name: string,
  hasOutcomes: boolean,
  produce: (sink: Sink<T>) => Production<T>,
): (sink: Sink<T>) => Production<T> {
  return (sink) => (watcher === undefined ? produce(sink) : watcher({ name, hasOutcomes, produce }, sink));
}
