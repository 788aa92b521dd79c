/**
 * rx-futures: futures for Node that are RxJS Observables, run on worker threads, and chain to their final result.
 *
 * @module rx-futures
 */

// ── backends ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type { Backend, Ending, ResourceLimits, Session, SessionListener, WorkerOptions } from './backend/backend.js';
// ── many futures ────────────────────────────────────────────────────────────────────────────────────────────────────
export { all, type Values } from './combinators/all.js';
export { allSettled, type Outcomes } from './combinators/all-settled.js';
export { any } from './combinators/any.js';
export { type AsCompletedOptions, asCompleted } from './combinators/as-completed.js';
export type { GatherOptions } from './combinators/gather.js';
export { race } from './combinators/race.js';
export type { FutureInput, ValueOf } from './combinators/source.js';
export { type Waited, type WaitForOptions, wait } from './combinators/wait.js';
// ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export {
  BrokenExecutorError,
  CancelledError,
  ExecutorShutdownError,
  QueueFullError,
  RxFuturesError,
  SerializationError,
  TaskNotFoundError,
  TimeoutError,
  WorkerDiedError,
} from './errors.js';
// ── run tasks ───────────────────────────────────────────────────────────────────────────────────────────────────────
export { type BoundExecutor, Executor, type Submitter } from './executor.js';
// ── futures ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export { Deferred } from './future/deferred.js';
export { Future } from './future/future.js';
export type { FutureOperator } from './future/future-operator.js';
export type { Cancelled, Fulfilled, Outcome, Rejected } from './future/outcome.js';
export type { WaitOptions } from './future/promise.js';
export type { FutureState } from './future/state.js';
// ── operators ───────────────────────────────────────────────────────────────────────────────────────────────────────
export { chain, type Flattened } from './operators/chain.js';
export { type Progress, type ProgressOptions, progress } from './operators/progress.js';
export { recover } from './operators/recover.js';
export { values } from './operators/values.js';
export type { ExecutorOptions } from './options.js';
export { type Transferable, transfer } from './protocol/transfer.js';
export type { Input } from './stream/input.js';
export { ResultStream } from './stream/result-stream.js';
export type { EventType, ExecutorEvent } from './task/events.js';
export type { Percentiles } from './task/histogram.js';
export type { ExecutorState } from './task/life-cycle.js';
export type { MapInput, MapOptions, Mapped } from './task/map.js';
export { pipeline } from './task/pipeline.js';
export type { RetryOptions } from './task/retry.js';
export type { ExecutorStats } from './task/stats.js';
export type { FutureArgs, ItemOf, StreamTask, Task, TaskName, TaskOf, Tasks } from './task/task.js';
export type { TaskOptions } from './task/task-options.js';
