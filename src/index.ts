// biome-ignore-all assist/source/organizeImports: the chapters are in the order in which a reader needs them.
/**
 * rx-futures: futures for Node that are RxJS Observables, run on worker threads, and chain to their
 * final result.
 *
 * @module rx-futures
 */

// ── Run tasks ───────────────────────────────────────────────────────────────────────────────────
export { Executor } from './executor.js';
export type { ExecutorOptions } from './options/executor-options.js';
export type { RateLimitOptions } from './scheduling/queue/rate-limit.js';
export type { BoundExecutor, Submitter } from './submitter.js';
export type {
  FutureArgs,
  ItemOf,
  StreamFor,
  StreamTask,
  Task,
  TaskName,
  TaskOf,
  Tasks,
} from './engine/handles/task.js';
export type { TaskOptions } from './engine/handles/task-options.js';
export type { RetryOptions } from './engine/run/retry.js';
export { type Transferable, transfer } from './protocol/transfer.js';
export { type Shareable, Shared } from './engine/sharing/shared.js';
export { Actor, type AnyActor, type ActorMaker, type ActorMakerOf, type Actors } from './engine/actors/actor.js';
export type { ActorOptions } from './engine/actors/actor-options.js';
export type { ActorState } from './engine/actors/actor-state.js';

// ── Futures ─────────────────────────────────────────────────────────────────────────────────────
export { Future } from './future/future.js';
export { Deferred } from './future/deferred.js';
export type { FutureState } from './future/state.js';
export type { Cancelled, Fulfilled, Outcome, Rejected } from './future/outcome.js';
export type { WaitOptions } from './future/promise.js';
export type { FutureOperator } from './future/future-operator.js';

// ── Chains ──────────────────────────────────────────────────────────────────────────────────────
export { chain, type Flattened } from './operators/chain.js';
export { recover } from './operators/recover.js';
export { pipeline } from './engine/handles/pipeline.js';

// ── Many futures ────────────────────────────────────────────────────────────────────────────────
export { type AsCompletedOptions, asCompleted } from './combinators/as-completed.js';
export { all, type Values } from './combinators/all.js';
export { allSettled, type Outcomes } from './combinators/all-settled.js';
export { any } from './combinators/any.js';
export { race } from './combinators/race.js';
export { type Waited, type WaitForOptions, wait } from './combinators/wait.js';
export type { GatherOptions } from './combinators/gather.js';
export type { FutureInput, ValueOf } from './combinators/source.js';
export { values } from './operators/values.js';
export { type ProgressOptions, progress } from './operators/progress.js';
export type { Progress } from './progress/snapshot.js';

// ── Streams and maps ────────────────────────────────────────────────────────────────────────────
export { ResultStream } from './stream/result-stream.js';
export { through } from './operators/through.js';
export type { StreamOperator } from './stream/stream-pipe.js';
export type { Input, StreamInput } from './stream/input.js';
export type { MapInput, MapOptions, Mapped } from './engine/map.js';

// ── Errors ──────────────────────────────────────────────────────────────────────────────────────
export {
  ActorDiedError,
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

// ── Observe ─────────────────────────────────────────────────────────────────────────────────────
export type { EventType, ExecutorEvent } from './engine/observe/events.js';
export type { ExecutorStats } from './engine/observe/stats.js';
export type { Percentiles } from './engine/observe/histogram.js';
export type { ExecutorState } from './engine/life-cycle/executor-state.js';

// ── Backends ────────────────────────────────────────────────────────────────────────────────────
export type {
  Backend,
  ResourceLimits,
  Session,
  SessionListener,
  Traits,
  WorkerOptions,
} from './backends/backend.js';
export type { Ending } from './backends/ending.js';
export type { WorkerFactory, WorkerLike } from './backends/runtime.js';
