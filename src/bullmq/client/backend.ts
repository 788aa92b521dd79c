/** The backend for `new Executor({ backend })`. */
import { randomInt, randomUUID } from 'node:crypto';
import type { Backend } from '../../backends/backend.js';
import { checkClientOptions } from '../redis/check-options.js';
import type { RedisConnection } from '../redis/connection-options.js';
import { QueueSession } from './session.js';

export interface BullmqOptions {
  /**
   * Where Redis is: a URL, options of ioredis, or a connection of ioredis, which is copied and stays yours. An option that
   * does not work with a queue is refused with a TypeError that names the option.
   */
  readonly connection: RedisConnection;
  /** The name of the queue: that of the workers that are to run the tasks. */
  readonly queue: string;
  /**
   * Of BullMQ's keys.
   * @default 'bull'
   */
  readonly prefix?: string;
  /**
   * ms for which the end of a task is kept in Redis, for `attach` and for a client that was away. Its job is kept as long, for dashboards.
   * @default 3_600_000
   */
  readonly keepResults?: number;
  /**
   * Bytes that the arguments of a task may have; what is more is refused. A stream of large values, or a place both sides can read, is the
   * better way.
   * @default 16 MiB
   */
  readonly maxPayload?: number;
  /**
   * ms in which Redis has to answer at the start; then the executor is broken, and says why.
   * @default 10_000
   */
  readonly connectTimeout?: number;
  /**
   * Time in ms for which Redis may be away, or silent, before the executor gives up its connection. Then tasks that had begun are rejected; the
   * others are sent again when Redis is back. A silent connection is replaced after half of this time, and after 10 s at the latest.
   * @default 60_000
   */
  readonly giveUpAfter?: number;
}

/** Ids that one executor takes one after another, before it draws a new place to go on from. */
const RUN = 2 ** 21;

/**
 * Runs the tasks of an Executor on a BullMQ queue, wherever there are workers for it (`serveTasks`, `npx rx-futures serve`).
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
 * Needs `npm install bullmq ioredis`, and Redis 6.2 or later. Nothing is connected before the first task. Each executor takes two
 * connections. What was submitted goes on when this process has ended; `executor.attach(future.id)` finds it again.
 *
 * @throws TypeError, RangeError for wrong options, each naming the option
 */
export function bullmqBackend(options: BullmqOptions): Backend {
  const checked = checkClientOptions(options);
  // Drawn at random, since clients don't know of each other: 2^31 places, so that two of them meet once in a billion runs.
  let next = 0;
  const identity = { client: randomUUID(), lastRead: '0', lost: new Map<number, number>() };
  return {
    name: 'bullmq',
    queue: {
      nextId() {
        if (next % RUN === 0) next = randomInt(1, 2 ** 31) * RUN + 1;
        return next++;
      },
    },
    open: (_config, _options, listener) => new QueueSession(checked, identity, listener),
  };
}
