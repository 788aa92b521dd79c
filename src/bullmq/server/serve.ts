/** `serveTasks()`: a server, which runs the jobs of a queue on worker threads of its own. */
import { Notices } from '../../serving/notices.js';
import { Service } from '../../serving/service.js';
import type { TaskService } from '../../serving/task-service.js';
import type { ServeEvent } from '../options/serve-event.js';
import { checkServeOptions, type ServeOptions } from '../options/serve-options.js';
import { BullmqServerConnection } from './connection.js';

/**
 * Serves a queue: runs the jobs that executors with `bullmqBackend` have submitted, on threads of
 * this process. A crash, an endless loop or a memory limit costs a task, but never the service.
 *
 * ```ts no-run: it needs Redis
 * import { serveTasks } from 'rx-futures/bullmq';
 *
 * const service = await serveTasks({
 *   connection: 'redis://localhost:6379',
 *   queue: 'pages',
 *   tasks: new URL('./tasks.js', import.meta.url),
 *   maxWorkers: 4,
 * });
 * process.once('SIGTERM', () => service.close());
 * ```
 *
 * Resolves when Redis has answered and a thread has loaded the task module. Runs up to `maxWorkers`
 * times `concurrency` jobs at a time. Keeps the process alive until it is closed.
 *
 * @throws (as a rejection) TypeError, RangeError if an option is invalid. Error if Redis can't be
 *   reached in time. BrokenExecutorError if the task module can't be loaded
 */
export async function serveTasks(options: ServeOptions): Promise<TaskService> {
  const checked = checkServeOptions(options);
  const notices = new Notices<ServeEvent['type']>(checked.onEvent);
  const service = new Service(checked, await BullmqServerConnection.open(checked, notices), notices);
  try {
    await service.start();
    return service;
  } catch (error) {
    await service.terminate();
    throw error;
  }
}
