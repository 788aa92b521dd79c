/**
 * The context of a task: a value that the program passes beside the arguments, such as the id of a
 * request. Worker code reads it as `currentTask().context`.
 */

import { type TraceHeaders, tracedContext } from '../../protocol/traced-context.js';
import { captureValue } from './capture.js';
import type { TaskRun } from './task-run.js';

/**
 * Copies the context of a run that is being submitted. `read` is the option of the executor, for a
 * task without a context of its own. It is called now, in the async context of the caller. If it
 * throws, or if its value can't be sent, the future of the run is rejected.
 *
 * @param headers the headers of the caller's trace, which travel with the context
 */
export function captureContext(
  run: TaskRun,
  read: (() => unknown) | undefined,
  headers: TraceHeaders | undefined,
): void {
  // An attached task was submitted before, together with its context.
  if (run.kind === 'attach') return;
  const { context: own } = run.task.options;
  try {
    const context = captureValue(own === undefined ? read?.() : own, 'context');
    // The function may have cancelled the future, or called terminate().
    if (run.future.isSettled) return;
    if (headers !== undefined) run.rare.context = tracedContext(context, headers);
    else if (context !== undefined) run.rare.context = context;
  } catch (error) {
    run.fail(error);
  }
}
