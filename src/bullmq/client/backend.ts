/** `bullmqBackend()`: the backend that an Executor uses to run its tasks on a BullMQ queue. */
import type { Backend } from '../../backends/backend.js';
import { queueBackend } from '../../backends/queue/backend.js';
import { type BullmqOptions, checkClientOptions } from '../options/backend-options.js';
import { BullmqClient } from './connection.js';

/**
 * Runs the tasks of an Executor on a BullMQ queue. Servers run the jobs of the queue (`serveTasks`,
 * `npx rx-futures serve`), on the same machine or on others.
 *
 * Use it if tasks must run on other machines, or must continue after this process has ended.
 *
 * ```ts no-run: it needs Redis
 * import { bullmqBackend } from 'rx-futures/bullmq';
 *
 * const executor = new Executor<typeof import('./tasks.js')>({
 *   backend: bullmqBackend({ connection: 'redis://localhost:6379', queue: 'pages' }),
 * });
 * console.log(await executor.tasks.square(3));
 * // Output:
 * // 9
 * ```
 *
 * Requires `npm install bullmq ioredis`, and Redis 6.2 or later. The executor connects when its
 * first task is submitted, and uses two connections. Submitted tasks continue after this process
 * has ended. `executor.attach(future.id)` finds their futures again.
 *
 * @throws TypeError, RangeError if an option is invalid; the message names the option
 */
export function bullmqBackend(options: BullmqOptions): Backend {
  return queueBackend('bullmq', new BullmqClient(checkClientOptions(options)));
}
