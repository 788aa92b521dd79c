/** The options of `serveTasks()`, and their checks. */
import { hostname } from 'node:os';
import { runtimes } from '#runtimes';
import type { ExecutorOptions } from '../../options/executor-options.js';
import { resolveOptions } from '../../options/resolve.js';
import { callback, integer, optionOf, show, validate } from '../../util/validate.js';
import { checkAddress, defaults, redisInteger } from './check-options.js';
import type { RedisConnection } from './connection-options.js';
import { type ReportOptions, reportChecks } from './report-options.js';
import type { ServeEvent } from './serve-event.js';

/** Options of a server: those of its threads, and how to reach the queue. All times are in ms. */
export interface ServeOptions
  extends Omit<
    ExecutorOptions,
    'backend' | 'maxQueue' | 'context' | 'captureStacks' | 'errorClasses' | 'onUnobservedError'
  > {
  /**
   * How to reach Redis: a URL, options of ioredis, or a connection of ioredis, which is copied and
   * stays yours to close.
   */
  readonly connection: RedisConnection;
  /** Name of the queue. */
  readonly queue: string;
  /** The task module. The server runs only its exports, which jobs select by name. */
  readonly tasks: URL | string;
  /**
   * Prefix of BullMQ's keys.
   * @default 'bull'
   */
  readonly prefix?: string;
  /**
   * Maximum size of the arguments or the result of a task, in bytes. Larger ones are rejected with
   * a SerializationError.
   * @default 16 MiB
   */
  readonly maxPayload?: number;
  /**
   * Maximum time in ms until Redis answers for the first time.
   * @default 10_000
   */
  readonly connectTimeout?: number;
  /**
   * Time in ms after which a server that does not renew its locks counts as lost. All servers of a
   * queue should have the same value.
   * @default 30_000
   */
  readonly lostAfter?: number;
  /**
   * Maximum number of times that a job runs again because its server was lost. All servers of a
   * queue should have the same value.
   *
   * With 0, tasks that had started are rejected with a WorkerDiedError, because they may have done
   * anything, unless they have a `retry` left. With more, a run starts at the first step of the
   * chain that had not finished. A stream never runs again, because values that were read can't be
   * revoked.
   * @default 0
   */
  readonly rerunLost?: number;
  /**
   * Selects the data that the server writes about each job for dashboards of BullMQ, such as
   * bull-board. The default is nothing.
   */
  readonly report?: ReportOptions;
  /**
   * Called with each event for a log. Events report a lost or restored connection, a command that
   * Redis refused, and a job that was rejected, taken over or lost. A repeated event is emitted at
   * most once in ten seconds.
   */
  readonly onEvent?: (event: ServeEvent) => void;
}

const refused = ['backend', 'maxQueue', 'context', 'captureStacks', 'errorClasses', 'onUnobservedError'] as const;

/** The checks of the numbers and the callback. The executor checks the options of the threads. */
const checks = {
  maxPayload: redisInteger,
  connectTimeout: redisInteger,
  lostAfter: redisInteger,
  rerunLost: integer(0, Number.MAX_SAFE_INTEGER),
  onEvent: callback,
};

export type Checked = ReturnType<typeof checkServeOptions>;

/** @throws TypeError, RangeError */
export function checkServeOptions(options: ServeOptions) {
  const where = 'serveTasks()';
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `${where}: expected an object with options, got ${show(options)}. Pass { connection, queue, tasks }.`,
    );
  }
  const wrong = refused.find((name) => name in options);
  if (wrong !== undefined)
    throw new TypeError(
      `${where}: option "${wrong}" has no effect on a server. Pass it to the executor of the client.`,
    );
  checkAddress(options, where);
  if (options.tasks === undefined)
    throw new TypeError(
      `${where}: option "tasks": expected the URL or path of the task module, got undefined. Pass new URL('./tasks.js', import.meta.url).`,
    );
  const {
    connection,
    queue,
    prefix = defaults.prefix,
    maxPayload = defaults.maxPayload,
    connectTimeout = defaults.connectTimeout,
    lostAfter = 30_000,
    rerunLost = 0,
    report,
    onEvent,
    ...threads
  } = options;
  validate(where, { maxPayload, connectTimeout, lostAfter, rerunLost, onEvent }, checks);
  if (report !== undefined) validate(optionOf(where, 'report'), report, reportChecks);
  const name = options.name ?? `${hostname()}-${process.pid}`;
  // Clients and the service receive all errors, except those of a finalizer, which become warnings.
  const silent = { onUnobservedError: ignore, onCleanupError: ignore, onLeftoverError: ignore };
  const engine = { ...resolveOptions({ ...threads, name }, runtimes), ...silent };
  return { connection, queue, prefix, maxPayload, connectTimeout, lostAfter, rerunLost, report, onEvent, engine };
}

function ignore(): void {}
