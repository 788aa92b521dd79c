/** Warnings, which are printed on the console of the browser. */

export interface Warning {
  /** The name of the warning. */
  readonly type: string;
  readonly code: string;
  /** The advice below the message. */
  readonly detail: string;
}

export function warn(message: string, { type, code, detail }: Warning): void {
  console.warn(`[${code}] ${type}: ${message}\n${detail}`);
}
