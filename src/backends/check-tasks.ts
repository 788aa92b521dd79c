/** Checks what a program passes to `serveWorker()`. */
import { kindOf, withArticle } from '../util/format.js';

/** The call in error messages. */
export const CALL = 'serveWorker(tasks)';

/** @throws TypeError if the tasks are not an object, such as a module */
export function checkTasks(tasks: unknown): void {
  if (typeof tasks === 'object' && tasks !== null && !(tasks instanceof Promise)) return;
  const advice =
    tasks instanceof Promise ? 'Await the import.' : "Pass all exports: import * as tasks from './tasks.js'.";
  const got = tasks instanceof Object ? withArticle(kindOf(tasks)) : String(tasks);
  throw new TypeError(`${CALL}: expected the exports of a task module, got ${got}. ${advice}`);
}

/** Returns the error for a second call on the same worker. */
export function calledTwice(): Error {
  return new Error(
    `${CALL}: it was called before on this worker. Pass all tasks in one call: serveWorker({ ...a, ...b }).`,
  );
}
