/** How far a stream may be ahead of its reader: the task option and its defaults. */
import type { HighWaterMark } from '../../protocol/messages.js';
import { type Checks, integer, integerOrInfinity, unexpected, validate } from '../../util/validate.js';
import type { TaskOptions } from './task-options.js';

/** Enough values that neither side waits for a message, measured with small objects. */
const DEFAULT_VALUES = 1_024;
/** 16 KiB for each of the default number of values. Few streams have larger values. */
const DEFAULT_BYTES = 16 * 2 ** 20;

const values = integer(1);

const checks: Checks<Exclude<NonNullable<TaskOptions['highWaterMark']>, number>> = {
  values,
  bytes: integerOrInfinity(1),
};

export function checkHighWaterMark(at: string, mark: unknown): void {
  if (typeof mark === 'number') {
    values(at, mark);
    return;
  }
  if (typeof mark !== 'object' || mark === null) {
    throw new TypeError(unexpected(at, 'a number of values or { values, bytes }', mark));
  }
  validate(at, mark, checks);
}

export function markOf({ highWaterMark = {} }: TaskOptions): HighWaterMark {
  if (typeof highWaterMark === 'number') return { values: highWaterMark, bytes: DEFAULT_BYTES };
  const { values = DEFAULT_VALUES, bytes = DEFAULT_BYTES } = highWaterMark;
  return { values, bytes };
}
