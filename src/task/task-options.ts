/** What can be said of a single task, and the checks of it. */

/** Options of one task, given through `with(options)`. */
export interface TaskOptions {
  /** Cancels the future when it aborts, with its reason; the time in the queue included. */
  readonly signal?: AbortSignal;
  /**
   * Higher goes first among all that has not begun; first come first served inside a level.
   * @default 0
   */
  readonly priority?: number;
}

export type RunOptions = TaskOptions;

const known = new Set<string>(['signal', 'priority'] satisfies (keyof TaskOptions)[]);

/**
 * @throws TypeError for an unknown option or one of the wrong kind
 * @throws RangeError for a number out of range
 */
export function checkTaskOptions(options: TaskOptions, where: string): TaskOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: expected an object of options, got ${options === null ? 'null' : typeof options}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.has(name)) {
      throw new TypeError(`${where}: there is no option ${name}. There are: ${[...known].join(', ')}.`);
    }
  }
  const { signal, priority } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${where}: signal: expected an AbortSignal, got ${typeof signal}`);
  }
  if (priority !== undefined && (typeof priority !== 'number' || !Number.isFinite(priority))) {
    throw new RangeError(`${where}: priority: expected a finite number, got ${String(priority)}`);
  }
  return options;
}
