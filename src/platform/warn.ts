/** Warnings, which are printed on stderr. The program can listen to them. */

export interface Warning {
  /** The name of the warning, by which a listener selects it. */
  readonly type: string;
  readonly code: string;
  /** The advice below the message. */
  readonly detail: string;
}

export function warn(message: string, warning: Warning): void {
  // `ctor` keeps this function out of the stack that `--trace-warnings` prints.
  process.emitWarning(message, { ...warning, ctor: warn });
}
