// @ts-check
/** Runs `touch` and transfers its result instead of cloning it. */
import { transfer } from 'rx-futures/worker';
import { touch } from '../tasks.mjs';

/** @param {Uint8Array} bytes */
export function move(bytes) {
  return transfer(touch(bytes));
}
