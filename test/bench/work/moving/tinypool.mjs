// @ts-check
/** `touch`, moving its result home in the words of tinypool, which can move a buffer but not the view of it. */
import { Tinypool } from 'tinypool';
import { touch } from '../tasks.mjs';

/** @param {Uint8Array} bytes */
export function move(bytes) {
  return Tinypool.move(/** @type {ArrayBuffer} */ (touch(bytes).buffer));
}
