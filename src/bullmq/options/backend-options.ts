/** The options of `bullmqBackend()`, and their checks. */
import { anything, type Checks, defined, positiveMs, validate } from '../../util/validate.js';
import { checkAddress, defaults, queueNames, redisInteger } from './check-options.js';
import type { RedisConnection } from './connection-options.js';

/** Options of {@link bullmqBackend}. All times are in ms. */
export interface BullmqOptions {
  /**
   * How to reach Redis: a URL, options of ioredis, or a connection of ioredis. A connection is
   * copied, and stays yours to close. Throws a TypeError that names the option if an option does
   * not work with a queue.
   */
  readonly connection: RedisConnection;
  /** Name of the queue. The servers that run the tasks must serve the same queue. */
  readonly queue: string;
  /**
   * Prefix of BullMQ's keys.
   * @default 'bull'
   */
  readonly prefix?: string;
  /**
   * Time in ms for which Redis keeps the outcome of a task, for `attach` and for a client that was
   * disconnected. Redis keeps the job as long, for dashboards.
   * @default 3_600_000
   */
  readonly keepResults?: number;
  /**
   * Maximum size of the arguments of a task, in bytes. Larger arguments are rejected with a
   * SerializationError. For large data, pass a reference that both sides can read, or use a stream.
   * @default 16 MiB
   */
  readonly maxPayload?: number;
  /**
   * Maximum time in ms until Redis answers for the first time. After that time the executor is
   * broken, and its error contains the reason.
   * @default 10_000
   */
  readonly connectTimeout?: number;
  /**
   * Time in ms for which Redis may be unreachable or silent before the executor gives up its
   * connection. Tasks that have started are then rejected. The executor sends all others again when
   * Redis is back. It replaces a silent connection after half of this time, and after 10 s at the
   * latest.
   * @default 60_000
   */
  readonly giveUpAfter?: number;
}

export interface ClientOptions extends Required<BullmqOptions> {}

const checks: Checks<BullmqOptions> = {
  // checkAddress() checks it, because it is required.
  connection: anything,
  ...queueNames,
  keepResults: redisInteger,
  maxPayload: redisInteger,
  connectTimeout: redisInteger,
  giveUpAfter: positiveMs,
};

/** @throws TypeError, RangeError */
export function checkClientOptions(options: BullmqOptions): ClientOptions {
  const where = 'bullmqBackend()';
  validate(where, options, checks);
  checkAddress(options, where);
  return { ...defaults, ...defined(options) };
}
