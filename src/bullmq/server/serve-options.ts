/** What a worker machine is told, and the checks of it. */
import { hostname } from 'node:os';
import { type ExecutorOptions, resolveOptions } from '../../options.js';
import { show } from '../../util/validate.js';
import { checkInteger, checkPlace, defaults } from '../redis/check-options.js';
import type { RedisConnection } from '../redis/connection-options.js';
import type { ServeEvent } from './notices.js';

/** Options of the threads, and where the queue is. Times are in milliseconds. */
export interface ServeOptions
  extends Omit<ExecutorOptions, 'backend' | 'maxQueue' | 'captureStacks' | 'errorClasses' | 'onUnobservedError'> {
  /** Where Redis is: a URL, options of ioredis, or a connection of ioredis, which is copied and stays yours. */
  readonly connection: RedisConnection;
  readonly queue: string;
  /** The module whose exports are the tasks. What a job names is looked up there, and nowhere else. */
  readonly tasks: URL | string;
  /**
   * Of BullMQ's keys.
   * @default 'bull'
   */
  readonly prefix?: string;
  /**
   * Bytes that the arguments or the result of a task may have; what is more is refused.
   * @default 16 MiB
   */
  readonly maxPayload?: number;
  /**
   * ms in which Redis has to answer at the start.
   * @default 10_000
   */
  readonly connectTimeout?: number;
  /**
   * ms without a sign of life after which a machine counts as lost, as the others see it. All machines of a queue should have the same.
   * @default 30_000
   */
  readonly lostAfter?: number;
  /**
   * How often a job is run again whose machine was lost. 0: never; its tasks that had begun are rejected with a WorkerDiedError, since they may
   * have done anything, unless they have a `retry` left. More: the run begins at the first step of the chain that had not ended; a stream never is
   * run again, since what was read can't be taken back. All machines should have the same.
   * @default 0
   */
  readonly rerunLost?: number;
  /**
   * Called with each event for a log: the connection to Redis is lost or restored, Redis refuses a command, a job is refused, taken over or lost.
   * An event that repeats is emitted once in ten seconds.
   */
  readonly onEvent?: (event: ServeEvent) => void;
}

const refused = ['backend', 'maxQueue', 'captureStacks', 'errorClasses', 'onUnobservedError'] as const;

export type Checked = ReturnType<typeof checkServeOptions>;

/** @throws TypeError, RangeError */
export function checkServeOptions(options: ServeOptions) {
  const where = 'serveTasks()';
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: expected an object of options, got ${show(options)}`);
  }
  const wrong = refused.find((name) => name in options);
  if (wrong !== undefined)
    throw new TypeError(`${where}: ${wrong}: is for the executor of a client, not for a worker.`);
  checkPlace(options, where);
  if (options.tasks === undefined) throw new TypeError(`${where}: tasks: expected the task module, its URL or path`);
  for (const name of ['maxPayload', 'connectTimeout', 'lostAfter'] as const) checkInteger(options[name], name, where);
  checkInteger(options.rerunLost, 'rerunLost', where, 0);
  if (options.onEvent !== undefined && typeof options.onEvent !== 'function') {
    throw new TypeError(`${where}: onEvent: expected a function, got ${show(options.onEvent)}`);
  }
  const {
    connection,
    queue,
    prefix = defaults.prefix,
    maxPayload = defaults.maxPayload,
    connectTimeout = defaults.connectTimeout,
    lostAfter = 30_000,
    rerunLost = 0,
    onEvent,
    ...threads
  } = options;
  const engine = resolveOptions({
    ...threads,
    name: options.name ?? `${hostname()}-${process.pid}`,
    onUnobservedError: () => {},
  });
  return { connection, queue, prefix, maxPayload, connectTimeout, lostAfter, rerunLost, onEvent, engine };
}
