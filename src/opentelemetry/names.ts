/**
 * Names of attributes. `code.function.name`, `error.type` and `thread.id` are semantic conventions
 * (https://opentelemetry.io/docs/specs/semconv/registry/attributes/). The others have the name of
 * the library in front, as the conventions ask.
 */
export const EXECUTOR = 'rx_futures.executor.name';
export const TASK_ID = 'rx_futures.task.id';
export const TASK_STATUS = 'rx_futures.task.status';
export const TASK_STATE = 'rx_futures.task.state';
export const ATTEMPT = 'rx_futures.task.attempt';
export const RETRY_DELAY = 'rx_futures.task.retry_delay';
export const WORKER = 'rx_futures.worker.name';
export const WORKER_STATE = 'rx_futures.worker.state';
export const FUNCTION = 'code.function.name';
export const THREAD = 'thread.id';
export const ERROR_TYPE = 'error.type';

/** The name of the instrumentation, which tracers and meters have. */
export const SCOPE = 'rx-futures';

/** Returns the value of `error.type`. */
export function typeOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
