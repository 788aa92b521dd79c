/** The port of a tracer, which connects tasks with the traces of their callers. */
import type { Future } from '../../future/future.js';
import type { TraceHeaders } from '../../protocol/traced-context.js';
import type { TaskRun } from '../run/task-run.js';

export interface Tracer {
  /**
   * Called for each task, in the async context of its submit and before all of its events. Returns
   * the headers that travel with the task.
   */
  submitted(run: TaskRun, upstream: Future<unknown> | undefined): TraceHeaders | undefined;
}
