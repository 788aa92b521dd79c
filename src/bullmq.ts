/**
 * `rx-futures/bullmq`: runs the tasks of an executor on many servers, through a BullMQ queue.
 *
 * @module rx-futures/bullmq
 */
export { type BullmqOptions, bullmqBackend } from './bullmq/backend.js';
export type { RedisConnection } from './bullmq/redis/connection-options.js';
export type { ServeOptions } from './bullmq/serve-options.js';
export type { ServeEvent } from './serving/notices.js';
export { serveTasks, type TaskService } from './serving/service.js';
