// @ts-check
/**
 * Runs `touch` and transfers its result with the API of tinypool, which transfers buffers, not
 * views.
 */
import { Tinypool } from 'tinypool';
import { touch } from '../tasks.mjs';

/** @param {Uint8Array} bytes */
export function move(bytes) {
  return Tinypool.move(/** @type {ArrayBuffer} */ (touch(bytes).buffer));
}
