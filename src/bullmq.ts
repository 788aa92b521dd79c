/**
 * `rx-futures/bullmq`: the same executor on many machines, over a BullMQ queue.
 *
 * @module rx-futures/bullmq
 */
export { type BullmqOptions, bullmqBackend } from './bullmq/backend.js';
export type { RedisConnection } from './bullmq/connection-options.js';
export type { ServeEvent } from './bullmq/notices.js';
export { serveTasks, type TaskService } from './bullmq/serve.js';
export type { ServeOptions } from './bullmq/serve-options.js';
