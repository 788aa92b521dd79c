/** How a worker ended: a tagged union, and the questions that the scheduler asks of it. */

/**
 * How a worker ended.
 *
 * - `exited`: it exited without an error. The code is 0 after `end()`.
 * - `killed`: a signal ended its process from outside, such as SIGKILL.
 * - `failed`: an error ended it, for example one that no code caught. The error may be a
 *   `StartFault`.
 *
 * `exitCode` is undefined if it is not known.
 */
export type Ending =
  | { readonly type: 'exited'; readonly exitCode: number | undefined }
  | { readonly type: 'killed'; readonly signal: string }
  | {
      readonly type: 'failed';
      readonly error: unknown;
      readonly exitCode?: number | undefined;
      /** Signal that ended the process after the error. */
      readonly signal?: string | undefined;
    };

/** The parts of an ending, without its type. `error` is undefined if the worker had none. */
export interface EndingParts {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly error: unknown;
}

export function partsOf(ending: Ending): EndingParts {
  switch (ending.type) {
    case 'exited':
      return { exitCode: ending.exitCode, signal: undefined, error: undefined };
    case 'killed':
      return { exitCode: undefined, signal: ending.signal, error: undefined };
    case 'failed':
      return { exitCode: ending.exitCode, signal: ending.signal, error: ending.error };
    default:
      return ending satisfies never;
  }
}

/** Returns the ending for what a runtime reports. An error counts more than a signal or a code. */
export function endingOf({ exitCode, signal, error }: EndingParts): Ending {
  if (error !== undefined) return { type: 'failed', error, exitCode, signal };
  return signal === undefined ? { type: 'exited', exitCode } : { type: 'killed', signal };
}

/** Returns the ending of a worker that has reported `fault` before it ended. */
export function withFault(ending: Ending, fault: unknown): Ending {
  return ending.type === 'failed' || fault === undefined ? ending : endingOf({ ...partsOf(ending), error: fault });
}

/** Returns the exit code for a trace. Returns the signal if there is no code. */
export function codeOf(ending: Ending): number | string | undefined {
  const { exitCode, signal } = partsOf(ending);
  return exitCode ?? signal;
}

/** Returns true if the worker ended without an error and with the code 0, as after `end()`. */
export function isOrderly(ending: Ending): boolean {
  return ending.type === 'exited' && ending.exitCode === 0;
}
