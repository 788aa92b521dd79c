// @ts-check
/** `touch`, moving its result home in the words of piscina. */
import { move as markMoved } from 'piscina';
import { touch } from '../tasks.mjs';

/** @param {Uint8Array} bytes */
export function move(bytes) {
  return markMoved(/** @type {ArrayBuffer} */ (touch(bytes).buffer));
}
