/** `bullmqBackend()`: the backend that an Executor uses to run its tasks on a BullMQ queue. */
import { randomInt, randomUUID } from 'node:crypto';
import type { Backend } from '../backends/backend.js';
import { QueueSession } from '../backends/queue/session.js';
import { checkClientOptions } from './check-options.js';
import type { RedisConnection } from './redis/connection-options.js';

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

/** Number of consecutive ids that an executor uses before it draws a new random block of ids. */
const IDS_PER_BLOCK = 2 ** 21;

/**
 * Runs the tasks of an Executor on a BullMQ queue. Servers run the jobs of the queue (`serveTasks`,
 * `npx rx-futures serve`), on the same host or on others.
 *
 * ```ts no-run: it needs Redis
 * import { bullmqBackend } from 'rx-futures/bullmq';
 *
 * const executor = new Executor<typeof import('./tasks.js')>({
 *   backend: bullmqBackend({ connection: 'redis://localhost:6379', queue: 'pages' }),
 * });
 * console.log(await executor.tasks.square(3));
 * // Output:
 * // 9
 * ```
 *
 * Requires `npm install bullmq ioredis`, and Redis 6.2 or later. The executor connects when its
 * first task is submitted, and uses two connections. Submitted tasks continue after this process
 * has ended. `executor.attach(future.id)` finds their futures again.
 *
 * @throws TypeError, RangeError if an option is invalid; the message names the option
 */
export function bullmqBackend(options: BullmqOptions): Backend {
  const checked = checkClientOptions(options);
  // The block is random, because clients don't know of each other. There are 2^31 blocks, so two
  // clients draw the same block about once in two billion times.
  let next = 0;
  const identity = { client: randomUUID(), lastRead: '0', lost: new Map<number, number>() };
  return {
    name: 'bullmq',
    traits: {
      ownsWorkers: false,
      sendsFunctions: false,
      hasKnownCapacity: false,
      sendsJobOptions: true,
      limitsTime: true,
      retries: true,
      nextId() {
        if (next % IDS_PER_BLOCK === 0) next = randomInt(1, 2 ** 31) * IDS_PER_BLOCK + 1;
        return next++;
      },
    },
    open: (_config, _options, listener) => new QueueSession(checked, identity, listener),
  };
}
