/** The data behind a task handle: what a call runs, and with which options. */
import type { HighWaterMark } from '../../protocol/messages.js';
import type { JobKind, Step } from '../../scheduling/job/job.js';
import type { Engine } from '../engine.js';
import type { PipelineLimit } from '../run/deadline.js';
import { areOfOneRun, checkKey, checkTaskOptions, type TaskOptions } from './task-options.js';

export interface TaskInfo {
  readonly engine: Engine;
  /** Kind of the job. By default the task is called. */
  readonly kind?: JobKind;
  readonly steps: readonly Step[];
  /** How far a stream may be ahead of its reader. Undefined for a task with one result. */
  readonly highWaterMark?: HighWaterMark;
  readonly name: string;
  readonly options: TaskOptions;
  /**
   * Runs that follow the first one, each with the value of the run before it. They are steps of a
   * pipeline that can't share the run of its first step.
   */
  readonly more?: readonly TaskInfo[];
  /** Deadlines that several runs of a pipeline share. */
  readonly limits?: readonly PipelineLimit[];
  /** Set by a server of a queue: ms until the deadline, which has started in the client. */
  readonly timeLeft?: number;
  /** Set by a server of a queue, because the client has numbered the task and its attempt. */
  readonly id?: number;
  readonly attempt?: number;
}

/**
 * Returns the task with `options` applied. In a pipeline of several runs the options apply to each
 * run, but a run keeps its own `timeout`, `terminateAfter` and `retry`. A `deadline` applies to all
 * runs together.
 */
export function withOptions(task: TaskInfo, options: TaskOptions): TaskInfo {
  const { deadline, ...added } = checkTaskOptions(options, 'with(options)');
  if (task.more === undefined) return { ...task, options: { ...task.options, ...options } };
  const apply = (run: TaskInfo): TaskInfo => {
    const { timeout = added.timeout, terminateAfter = added.terminateAfter, retry = added.retry } = run.options;
    return { ...run, options: { ...run.options, ...added, timeout, terminateAfter, retry } };
  };
  const more = task.more.map(apply);
  return { ...apply(task), more, ...(deadline !== undefined && { limits: limitWhole(task, deadline) }) };
}

/**
 * Returns the task of an input of `map`, with the key that the option "key" of `map` returned.
 *
 * @throws TypeError or RangeError if that is not a key
 */
export function withKey(task: TaskInfo, key: unknown): TaskInfo {
  checkKey('map(): key(input)', key);
  const apply = (run: TaskInfo): TaskInfo => ({ ...run, options: { ...run.options, key: key as string | number } });
  return task.more === undefined ? apply(task) : { ...apply(task), more: task.more.map(apply) };
}

/** Returns the task of one run with at least that priority. */
export function withPriority(task: TaskInfo, priority: number): TaskInfo {
  const { priority: own = 0 } = task.options;
  return own >= priority ? task : { ...task, options: { ...task.options, priority } };
}

/**
 * Returns the deadlines of a pipeline after `with({ deadline: ms })`. The new deadline covers all
 * of its runs, and replaces an older one that did.
 */
function limitWhole({ more = [], limits = [] }: TaskInfo, ms: number): readonly PipelineLimit[] {
  const to = more.length;
  return [...limits.filter((limit) => !isWhole(limit, to)), { from: 0, to, ms }];
}

function isWhole({ from, to }: PipelineLimit, last: number): boolean {
  return from === 0 && to === last;
}

/** Returns the task with `defaults` for every option that it does not set itself. */
export function withDefaults(task: TaskInfo, defaults: TaskOptions): TaskInfo {
  const { more, limits = [] } = task;
  if (more === undefined) return { ...task, options: { ...defaults, ...task.options } };
  const { deadline, ...others } = defaults;
  const apply = (run: TaskInfo): TaskInfo => ({ ...run, options: { ...others, ...run.options } });
  const isLimited = deadline === undefined || limits.some((limit) => isWhole(limit, more.length));
  return { ...apply(task), more: more.map(apply), ...(!isLimited && { limits: limitWhole(task, deadline) }) };
}

/**
 * Returns whether the steps of two tasks can share a run. Neither task may have a timeout, a
 * deadline, a `terminateAfter` or retries of its own. Their signal, priority, key and context must
 * be the same. Only the first step of a run may be a method of an actor.
 */
export function canJoin(a: TaskInfo, b: TaskInfo): boolean {
  if (a.engine !== b.engine || a.more !== undefined || b.more !== undefined) return false;
  const { signal, priority, key, context } = a.options;
  const isSame =
    signal === b.options.signal &&
    priority === b.options.priority &&
    key === b.options.key &&
    Object.is(context, b.options.context);
  return isSame && !areOfOneRun(a.options) && !areOfOneRun(b.options) && b.steps.every(({ kind }) => kind !== 'method');
}
