/**
 * `rx-futures/bullmq`: runs the tasks of an executor on many servers, through a BullMQ queue.
 *
 * @module rx-futures/bullmq
 */
export { bullmqBackend } from './bullmq/client/backend.js';
export type { BullmqOptions } from './bullmq/options/backend-options.js';
export type { RedisConnection } from './bullmq/options/connection-options.js';
export type { ReportOptions } from './bullmq/options/report-options.js';
export type { ServeEvent } from './bullmq/options/serve-event.js';
export type { ServeOptions } from './bullmq/options/serve-options.js';
export { serveTasks } from './bullmq/server/serve.js';
export type { TaskService } from './serving/task-service.js';
