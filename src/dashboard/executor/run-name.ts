/**
 * Names of runs. Steps of a chain with the same options share one run, whose future is that of the
 * last step. The page shows the names of all of its steps.
 */
import type { TaskInfo } from '../../engine/handles/task-info.js';
import type { TaskRun } from '../../engine/run/task-run.js';

/** Names of tasks with several steps. A chain that is made in a loop has a new task each time. */
const names = new WeakMap<TaskInfo, string>();

/** Returns the name of a run: `parse`, or `parse → save` for two steps. */
export function nameOfRun({ task }: TaskRun): string {
  if (task.steps.length < 2) return task.name;
  let name = names.get(task);
  if (name === undefined) {
    name = task.steps.map((step) => step.name).join(' → ');
    names.set(task, name);
  }
  return name;
}
