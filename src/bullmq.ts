/**
 * `rx-futures/bullmq`: the same executor on many machines, over a BullMQ queue.
 *
 * @module rx-futures/bullmq
 */
export { type BullmqOptions, bullmqBackend } from './bullmq/client/backend.js';
export type { RedisConnection } from './bullmq/redis/connection-options.js';
export type { ServeEvent } from './bullmq/server/notices.js';
export { serveTasks, type TaskService } from './bullmq/server/serve.js';
export type { ServeOptions } from './bullmq/server/serve-options.js';
