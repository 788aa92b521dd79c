/** Checks the options that clients and servers share. */
import { DEFAULT_KEEP } from '../protocol/queue/job-data.js';
import { show } from '../util/validate.js';
import { checkConnection, type RedisConnection } from './redis/connection-options.js';

export const defaults = {
  prefix: 'bull',
  keepResults: DEFAULT_KEEP,
  maxPayload: 16 * 2 ** 20,
  connectTimeout: 10_000,
  giveUpAfter: 60_000,
} as const;

/** How to reach a queue. */
interface Place {
  readonly connection: RedisConnection;
  readonly queue: string;
  readonly prefix?: string;
}

/** Checks how to reach the queue. */
export function checkPlace({ connection, queue, prefix }: Partial<Place>, where: string): void {
  checkConnection(connection, where);
  if (typeof queue !== 'string' || queue === '' || queue.includes(':')) {
    throw new TypeError(`${where}: option "queue": expected the name of a queue, without a colon, got ${show(queue)}`);
  }
  if (prefix !== undefined && (typeof prefix !== 'string' || prefix === '')) {
    throw new TypeError(`${where}: option "prefix": expected a string that is not empty, got ${show(prefix)}`);
  }
}

export function checkInteger(value: unknown, name: string, where: string, least = 1): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)) return;
  throw new RangeError(`${where}: option "${name}": expected an integer, ${least} or more, got ${show(value)}`);
}
