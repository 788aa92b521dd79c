/** Checks the options that clients and servers share. */
import {
  anything,
  type Checks,
  defined,
  integer,
  kind,
  nonEmptyString,
  optionOf,
  positiveMs,
  validate,
} from '../../util/validate.js';
import type { BullmqOptions } from '../client/backend.js';
import { checkConnection } from './connection-options.js';

export interface ClientOptions extends Required<BullmqOptions> {}

export const defaults = {
  prefix: 'bull',
  keepResults: 3_600_000,
  maxPayload: 16 * 2 ** 20,
  connectTimeout: 10_000,
  giveUpAfter: 60_000,
} as const;

/** Checks a size or a time that Redis receives. */
export const redisInteger = integer(1, Number.MAX_SAFE_INTEGER);

const place = {
  queue: kind(
    'the name of a queue, without a colon',
    (value) => typeof value === 'string' && value !== '' && !value.includes(':'),
  ),
  prefix: nonEmptyString,
} as const;

const checks: Checks<BullmqOptions> = {
  // checkPlace() checks it, because it is required.
  connection: anything,
  ...place,
  keepResults: redisInteger,
  maxPayload: redisInteger,
  connectTimeout: redisInteger,
  giveUpAfter: positiveMs,
};

/** @throws TypeError, RangeError */
export function checkClientOptions(options: BullmqOptions): ClientOptions {
  const where = 'bullmqBackend()';
  validate(where, options, checks);
  checkPlace(options, where);
  return { ...defaults, ...defined(options) };
}

/** Checks how to reach the queue. */
export function checkPlace({ connection, queue, prefix }: Partial<BullmqOptions>, where: string): void {
  checkConnection(connection, where);
  place.queue(optionOf(where, 'queue'), queue);
  if (prefix !== undefined) place.prefix(optionOf(where, 'prefix'), prefix);
}
