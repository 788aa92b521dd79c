/**
 * `rx-futures/bullmq`: runs the tasks of an executor on many servers, through a BullMQ queue.
 *
 * @module rx-futures/bullmq
 */
export { bullmqBackend } from './bullmq/backend.js';
export type { BullmqOptions } from './bullmq/backend-options.js';
export type { RedisConnection } from './bullmq/redis/connection-options.js';
export { serveTasks } from './bullmq/serve.js';
export type { ServeEvent } from './bullmq/serve-event.js';
export type { ServeOptions } from './bullmq/serve-options.js';
export type { TaskService } from './serving/service.js';
