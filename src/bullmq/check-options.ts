/** Checks the options that clients and servers share. */
import { checkNames, defined, show } from '../util/validate.js';
import type { BullmqOptions } from './backend.js';
import { checkConnection } from './redis/connection-options.js';

export interface ClientOptions extends Required<BullmqOptions> {}

export const defaults = {
  prefix: 'bull',
  keepResults: 3_600_000,
  maxPayload: 16 * 2 ** 20,
  connectTimeout: 10_000,
  giveUpAfter: 60_000,
} as const;

/** @throws TypeError, RangeError */
export function checkClientOptions(options: BullmqOptions): ClientOptions {
  const where = 'bullmqBackend()';
  const known = ['connection', 'queue', ...(Object.keys(defaults) as (keyof typeof defaults)[])] as const;
  checkNames(options, known, where);
  checkPlace(options, where);
  for (const name of ['keepResults', 'maxPayload', 'connectTimeout'] as const) checkInteger(options[name], name, where);
  const { giveUpAfter = defaults.giveUpAfter } = options;
  if (!(typeof giveUpAfter === 'number' && giveUpAfter > 0)) {
    throw new RangeError(
      `${where}: option "giveUpAfter": expected a number of ms greater than 0, got ${show(giveUpAfter)}`,
    );
  }
  return { ...defaults, ...defined(options) };
}

/** Checks how to reach the queue. */
export function checkPlace({ connection, queue, prefix }: Partial<BullmqOptions>, where: string): void {
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
