/** Checks the options that clients and servers share. */
import { DEFAULT_KEEP } from '../../protocol/queue/job-data.js';
import { integer, kind, nonEmptyString, optionOf } from '../../util/validate.js';
import { checkConnection, type RedisConnection } from './connection-options.js';

export const defaults = {
  prefix: 'bull',
  keepResults: DEFAULT_KEEP,
  maxPayload: 16 * 2 ** 20,
  connectTimeout: 10_000,
  giveUpAfter: 60_000,
} as const;

/** Checks a size or a time that Redis receives. */
export const redisInteger = integer(1, Number.MAX_SAFE_INTEGER);

/** The checks of the names of a queue. */
export const queueNames = {
  queue: kind(
    'the name of a queue, without a colon',
    (value) => typeof value === 'string' && value !== '' && !value.includes(':'),
  ),
  prefix: nonEmptyString,
} as const;

/** How to reach a queue. */
interface QueueAddress {
  readonly connection: RedisConnection;
  readonly queue: string;
  readonly prefix?: string;
}

/** Checks the connection and the names by which a queue is reached. */
export function checkAddress({ connection, queue, prefix }: Partial<QueueAddress>, where: string): void {
  checkConnection(connection, where);
  queueNames.queue(optionOf(where, 'queue'), queue);
  if (prefix !== undefined) queueNames.prefix(optionOf(where, 'prefix'), prefix);
}
